#include "compiler/driver/render_row.h"

#include <memory>

#include "compiler/driver/paths.h"
#include "compiler/interp/interp.h"
#include "compiler/row/weave.h"
#include "runtime/abi/row_helpers.h"
#include "runtime/abi/tables.h"
#include "runtime/base/random.h"
#include "runtime/store/store.h"
#include "runtime/text/chat_format.h"

namespace rexp::driver {

Result<RenderedRow> render_row(const plan::RenderTarget& target, const std::string& root,
                               int64_t row) {
  auto tokenizer = text::Tokenizer::from_tiktoken(qwen_ranks_path(), text::qwen3_added_tokens());
  if (!tokenizer) return tokenizer.error();
  auto format = text::chat_format("qwen3", text::Think::none, *tokenizer);
  if (!format) return format.error();
  auto woven = row::weave(target.function, *tokenizer, *format);
  if (!woven) return woven.error();

  const auto artifact = [&](plan::NodeId node, const char* file) {
    return store::artifact_folder(root, target.plan.nodes[node].key) + "/" + file;
  };
  auto rows = data::load_rows(artifact(target.rows, "rows.bin"));
  if (!rows) return rows.error();
  if (row >= rows->count) {
    return user_error("row " + std::to_string(row) + " was asked for, task `" + target.task +
                          "` has " + std::to_string(rows->count),
                      "rows count from 0");
  }
  // the tables that the renderer reads, as the runtime binds them
  std::vector<data::Dataset> datasets(target.inputs.size());
  std::vector<RexpColumn> columns;
  for (const auto& reference : woven->columns) {
    data::Dataset& dataset = datasets[reference.input];
    if (dataset.user_offsets.empty()) {
      auto loaded = data::load_dataset(artifact(target.inputs[reference.input], "dataset.bin"));
      if (!loaded) return loaded.error();
      dataset = std::move(*loaded);
    }
    const data::Column* column = abi::find_column(dataset, reference.table, reference.column);
    if (!column) return internal_error("the dataset lacks column " + reference.column);
    columns.push_back(abi::column_view(*column));
  }
  std::vector<std::unique_ptr<abi::SidIds>> tables;
  std::vector<RexpSidTable> sids;
  text::Tokenizer extended = *tokenizer;
  for (const int32_t input : woven->codebooks) {
    auto book = codebook::load_codebook(artifact(target.inputs[input], "codebook.json"));
    if (!book) return book.error();
    tables.push_back(abi::sid_ids(*book, extended.extend(book->tokens())));
    sids.push_back(tables.back()->table);
  }
  std::vector<int64_t> slots;
  for (const auto& slot : woven->slots) slots.push_back(rows->row(row)[rows->column(slot.name)]);

  const RexpRowContext context{columns.data(), sids.data(), &*tokenizer, nullptr};
  abi::SinkBuffer sink;
  interp::run(*woven, context, slots.data(), stream(0, row), sink.get());
  RenderedRow out;
  out.rows = rows->count;
  out.ids.assign(sink.ids().begin(), sink.ids().end());
  out.trained.assign(sink.trained().begin(), sink.trained().end());
  out.levels.assign(sink.levels().begin(), sink.levels().end());
  for (const int32_t id : out.ids) out.texts.emplace_back(extended.bytes(id));
  return out;
}

}  // namespace rexp::driver
