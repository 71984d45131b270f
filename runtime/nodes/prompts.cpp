#include "runtime/nodes/prompts.h"

#include "runtime/abi/row_helpers.h"
#include "runtime/base/random.h"

namespace rexp::nodes {

namespace {

std::string place(const data::Rows& rows, int64_t row) {
  std::string text = "the prompt of row " + std::to_string(row);
  if (const int user = rows.column("user"); user >= 0)
    text += " (user " + std::to_string(rows.row(row)[user]) + ")";
  return text;
}

void tell(NodeContext& context, const PromptInput& input, int64_t shortened, int64_t dropped,
          int64_t all) {
  if (shortened == 0) return;
  context.note(std::to_string(shortened) + " of " + std::to_string(all) +
               " prompts were longer than the window of " + std::to_string(input.window.tokens) +
               " tokens: " + std::to_string(dropped) + " of their oldest events were left out");
}

}  // namespace

Result<Prompts> render_prompts(NodeContext& context, const PromptInput& input,
                               const data::Rows& rows) {
  const RexpKernel* kernel = context.kernel("prompt");
  if (!kernel) return internal_error("a model is asked without a prompt");
  auto bound = bind(context, *kernel, input.tokenizer, input.bases);
  if (!bound) return bound.error();
  auto columns = slot_columns(**bound, rows.columns);
  if (!columns) return columns.error();
  Prompts prompts;
  std::vector<int64_t> slots(columns->size());
  abi::SinkBuffer sink;
  int64_t shortened = 0, dropped = 0;
  for (int64_t r = 0; r < rows.count; ++r) {
    for (size_t i = 0; i < columns->size(); ++i) slots[i] = rows.row(r)[(*columns)[i]];
    const uint64_t example = stream(context.node().stream, static_cast<uint64_t>(r));
    const auto render = [&]() -> Result<int64_t> {
      sink.clear();
      if ((*bound)->fn(&(*bound)->context, slots.data(), example, sink.get()) != REXP_OK)
        return internal_error(place(rows, r) + " could not be rendered");
      return static_cast<int64_t>(sink.ids().size());
    };
    const auto fitted = abi::render_question(input.window, input.answer, place(rows, r),
                                             {(*bound)->slots, slots, render});
    if (!fitted) return fitted.error();
    shortened += fitted->dropped > 0 ? 1 : 0;
    dropped += fitted->dropped;
    prompts.emplace_back(sink.ids().begin(), sink.ids().end());
  }
  tell(context, input, shortened, dropped, rows.count);
  return prompts;
}

}  // namespace rexp::nodes
