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
#include "runtime/base/random.h"
#include "runtime/store/store.h"
#include "runtime/text/model_facts.h"

namespace rexp::driver {

namespace {

constexpr int64_t kSearch = 1 << 21;  // positions of a stream that are looked through for a row

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
    REXP_TRY(render());
    REXP_TRY(shorten(&out.dropped));
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
    std::map<plan::NodeId, codebook::Codebook> books;
    std::map<plan::NodeId, int32_t> first;
    auto facts = text::read_model_facts(folder_of(target_.reader.site));
    if (!facts) return facts.error();
    std::vector<text::OwnedCodebook> owned;
    if (facts->has_value()) owned = std::move((*facts)->codebooks);
    int32_t next = voice_.tokenizer->size();
    for (const text::OwnedCodebook& book : owned) next = std::max(next, book.end_id());
    std::vector<plan::NodeId> order = target_.reader.codebooks;
    for (const int32_t input : woven_.codebooks) order.push_back(target_.inputs[input]);
    for (const plan::NodeId node : order) {
      if (first.count(node) > 0) continue;
      auto book = codebook::load_codebook(artifact(node, "codebook.json"));
      if (!book) return book.error();
      const std::vector<std::string> texts = book->tokens();
      const auto known =
          std::find_if(owned.begin(), owned.end(),
                       [&](const text::OwnedCodebook& one) { return one.hash == book->hash(); });
      first[node] = known != owned.end() ? known->first_id : next;
      if (known == owned.end()) next += static_cast<int32_t>(texts.size());
      for (size_t i = 0; i < texts.size(); ++i)
        texts_[first[node] + static_cast<int32_t>(i)] = texts[i];
      books[node] = std::move(*book);
    }
    for (const int32_t input : woven_.codebooks) {
      const plan::NodeId node = target_.inputs[input];
      tables_.push_back(abi::sid_ids(books[node], first[node]));
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

  Status render() {
    const RexpRowContext context{columns_.data(), sids_.data(), voice_.tokenizer.get(), nullptr};
    sink_.clear();
    const int32_t status = interp::run(woven_, context, slots_.data(), example_, sink_.get());
    return status == REXP_OK ? Status() : internal_error("the row cannot be rendered");
  }

  bool fits() const {
    const int64_t window = target_.reader.window;
    return window == 0 || static_cast<int64_t>(sink_.ids().size()) <= window;
  }

  /// Slots of the first range of events that the row has.
  std::pair<int, int> history() const {
    const std::string begin = "_begin";
    for (size_t i = 0; i + 1 < woven_.slots.size(); ++i) {
      const std::string& name = woven_.slots[i].name;
      if (!name.ends_with(begin)) continue;
      const std::string end = name.substr(0, name.size() - begin.size()) + "_end";
      for (size_t j = 0; j < woven_.slots.size(); ++j) {
        if (woven_.slots[j].name == end) return {static_cast<int>(i), static_cast<int>(j)};
      }
    }
    return {-1, -1};
  }

  /// Leaves out the fewest oldest events such that the rest fits into the stage's window, as training does.
  Status shorten(int64_t* dropped) {
    const auto [begin, end] = history();
    if (fits() || !target_.reader.drops_oldest || begin < 0) return {};
    const int64_t first = slots_[begin];
    if (first >= slots_[end] - 1) return {};  // nothing is left that could go
    int64_t too_early = first, fitting = slots_[end] - 1;
    while (fitting - too_early > 1) {
      slots_[begin] = too_early + (fitting - too_early) / 2;
      REXP_TRY(render());
      (fits() ? fitting : too_early) = slots_[begin];
    }
    slots_[begin] = fitting;
    *dropped = fitting - first;
    return render();
  }

  const plan::RenderTarget& target_;
  const std::string& root_;
  const jit::Voice& voice_;
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
