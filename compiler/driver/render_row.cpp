#include "compiler/driver/render_row.h"

#include <algorithm>
#include <map>
#include <memory>

#include "compiler/driver/render_tables.h"
#include "compiler/driver/voices.h"
#include "compiler/interp/interp.h"
#include "compiler/interp/mixture.h"
#include "compiler/row/weave.h"
#include "runtime/abi/row_helpers.h"
#include "runtime/abi/tables.h"
#include "runtime/abi/window.h"
#include "runtime/base/random.h"
#include "runtime/store/file.h"
#include "runtime/store/store.h"
#include "runtime/text/model_facts.h"

namespace rexp::driver {

namespace {

constexpr int64_t kSearch = 1 << 21;  // positions of a stream that are looked through for a row

/// What the model was last trained with; of one that no stage has trained, its positions.
Result<text::Window> window_of(const plan::Reader& reader) {
  text::Window window = reader.window;
  if (window.tokens > 0 || !reader.model.is_object()) return window;
  const std::string folder = folder_of(reader.site);
  if (folder.empty()) {
    window.tokens = reader.model.value("context", int64_t{0});
    return window;
  }
  const auto facts = text::read_model_facts(folder);
  if (!facts) return facts.error();
  if (facts->has_value()) window = (*facts)->window;
  if (window.tokens > 0) return window;
  const auto config = store::read_file(folder + "/config.json");
  if (!config) return config.error();
  const auto parsed = parse_json(*config, folder + "/config.json");
  if (!parsed) return parsed.error();
  const auto positions = parsed->find("max_position_embeddings");
  if (positions != parsed->end() && positions->is_number_integer())
    window.tokens = positions->get<int64_t>();
  return window;
}

class Renderer {
 public:
  Renderer(const plan::RenderTarget& target, const std::string& root, const jit::Voice& voice)
      : target_(target), root_(root), voice_(voice), columns_read_(target, root) {}

  Result<RenderedRow> run(int64_t row) {
    REXP_TRY(weave());
    auto rows = data::load_rows(artifact(target_.rows, "rows.bin"));
    if (!rows) return rows.error();
    if (row >= rows->count) {
      return user_error("row " + std::to_string(row) + " was asked for, task `" + target_.task +
                            "` has " + std::to_string(rows->count),
                        "rows count from 0");
    }
    REXP_TRY(columns_read_.bind(woven_, &columns_));
    REXP_TRY(place_codebooks());
    RenderedRow out;
    out.rows = rows->count;
    if (Status status = find_position(row, &out.position); !status.ok()) return status.error();
    example_ = stream(target_.reader.stream,
                      static_cast<uint64_t>(out.position >= 0 ? out.position : row));
    for (const auto& slot : woven_.slots) slots_.push_back(rows->row(row)[rows->column(slot.name)]);
    REXP_TRY(render_fitting(row, &out));
    out.ids.assign(sink_.ids().begin(), sink_.ids().end());
    out.trained.assign(sink_.trained().begin(), sink_.trained().end());
    out.levels.assign(sink_.levels().begin(), sink_.levels().end());
    for (const int32_t id : out.ids) out.texts.push_back(text_of(id));
    return out;
  }

 private:
  std::string artifact(plan::NodeId node, const char* file) const {
    return store::artifact_folder(root_, target_.plan.nodes[node].key) + "/" + file;
  }

  Status weave() {
    const auto extent =
        target_.reader.as == plan::As::ask ? row::Extent::prompt : row::Extent::whole;
    auto woven = row::weave(target_.function, *voice_.tokenizer, voice_.format, {extent});
    if (!woven) return woven.error();
    woven_ = std::move(*woven);
    return {};
  }

  /// First ids of the codebooks' tokens: what a model folder says, then behind the tokenizer in the order in which stages add
  /// them, as the stages themselves place them.
  Status place_codebooks() {
    std::map<plan::NodeId, codebook::TokenIds> placed;
    auto facts = text::read_model_facts(folder_of(target_.reader.site));
    if (!facts) return facts.error();
    std::vector<text::OwnedCodebook> owned;
    if (facts->has_value()) owned = std::move((*facts)->codebooks);
    int32_t next = voice_.tokenizer->size();
    for (const text::OwnedCodebook& book : owned) next = std::max(next, book.end_id());
    std::vector<plan::NodeId> order = target_.reader.codebooks;
    for (const int32_t input : woven_.codebooks) order.push_back(target_.inputs[input]);
    if (target_.reader.answered >= 0) order.push_back(target_.reader.answered);
    for (const plan::NodeId node : order) {
      if (placed.count(node) > 0) continue;
      auto book = codebook::load_codebook(artifact(node, "codebook.json"));
      if (!book) return book.error();
      const std::vector<std::string> texts = book->tokens();
      const codebook::Lineage lineage = book->lineage();
      const auto known = std::find_if(
          owned.begin(), owned.end(),
          [&](const text::OwnedCodebook& one) { return one.lineage.agrees_with(lineage); });
      const bool appended = known != owned.end() && known->first_id >= 0;
      auto own = appended ? Result(std::optional<codebook::TokenIds>())
                          : abi::tokens_in(*voice_.tokenizer, *book);
      if (!own) return own.error();
      codebook::TokenIds& ids = placed[node];
      ids = own->has_value() ? **own : consecutive_ids(*book, appended ? known->first_id : next);
      if (!appended && !own->has_value()) next += static_cast<int32_t>(texts.size());
      for (size_t i = 0; i < texts.size(); ++i) texts_[ids[i]] = texts[i];
      books_[node] = std::move(*book);
    }
    for (const int32_t input : woven_.codebooks) {
      const plan::NodeId node = target_.inputs[input];
      tables_.push_back(abi::sid_ids(books_[node], placed[node]));
      sids_.push_back(tables_.back()->table);
    }
    return {};
  }

  std::string text_of(int32_t id) const {
    const auto at = texts_.find(id);
    return at != texts_.end() ? at->second : std::string(voice_.tokenizer->bytes(id));
  }

  /// The first position of the stage's stream that draws the row: its draws are those of training.
  Status find_position(int64_t row, int64_t* out) const {
    const plan::Reader& reader = target_.reader;
    if (reader.as != plan::As::train) return {};
    auto mixture = row::make_mixture(reader.mixture["unit"].get<std::string>(),
                                     reader.mixture["weights"].get<std::vector<double>>());
    if (!mixture) return mixture.error();
    std::vector<int64_t> slots = {0};
    for (const plan::NodeId node : reader.task_rows) {
      auto rows = data::load_rows(artifact(node, "rows.bin"));
      if (!rows) return rows.error();
      slots.push_back(rows->count);
    }
    abi::SinkBuffer sink;
    for (; slots[0] < kSearch; ++slots[0]) {
      sink.clear();
      if (interp::draw(*mixture, slots.data(), reader.stream, sink.get()) != REXP_OK) return {};
      const abi::Draw draw = abi::unpack_draw(sink.value());
      if (draw.task != reader.task || draw.row != row) continue;
      *out = slots[0];
      return {};
    }
    return {};
  }

  Result<int64_t> render() {
    const RexpRowContext context{columns_.data(), sids_.data(), voice_.tokenizer.get(), nullptr};
    sink_.clear();
    const int32_t status = interp::run(woven_, context, slots_.data(), example_, sink_.get());
    if (status != REXP_OK) return internal_error("the row cannot be rendered");
    return static_cast<int64_t>(sink_.ids().size());
  }

  /// The row as the model gets it: none longer than its window, cut as training and asking cut it.
  Status render_fitting(int64_t row, RenderedRow* out) {
    std::vector<std::string> names;
    for (const auto& slot : woven_.slots) names.push_back(slot.name);
    const abi::RenderedSlots slots{names, slots_, [this] { return render(); }};
    auto window = window_of(target_.reader);
    if (!window) return window.error();
    out->window = window->tokens;
    const bool asked = target_.reader.as == plan::As::ask && target_.reader.answered >= 0;
    auto fitted = asked ? abi::render_question(*window, books_.at(target_.reader.answered).depth(),
                                               "row " + std::to_string(row), slots)
                        : render_trained(*window, slots);
    if (!fitted) return fitted.error();
    out->dropped = fitted->dropped;
    return {};
  }

  static Result<abi::Fitted> render_trained(const text::Window& window,
                                            const abi::RenderedSlots& slots) {
    const auto whole = slots.render();
    if (!whole) return whole.error();
    if (window.tokens == 0 || window.overflow != text::Overflow::drop_oldest)
      return abi::Fitted{0, *whole};
    return abi::drop_oldest(window.tokens, *whole, slots);
  }

  const plan::RenderTarget& target_;
  const std::string& root_;
  const jit::Voice& voice_;
  std::map<plan::NodeId, codebook::Codebook> books_;
  std::map<int32_t, std::string> texts_;  // of the codebooks' tokens
  row::RowFunction woven_;
  RenderTables columns_read_;
  std::vector<RexpColumn> columns_;
  std::vector<std::unique_ptr<abi::SidIds>> tables_;
  std::vector<RexpSidTable> sids_;
  std::vector<int64_t> slots_;
  uint64_t example_ = 0;
  abi::SinkBuffer sink_;
};

}  // namespace

Result<RenderedRow> render_row(const plan::RenderTarget& target, const std::string& root,
                               const jit::Voice& voice, int64_t row) {
  return Renderer(target, root, voice).run(row);
}

}  // namespace rexp::driver
