#include "runtime/nodes/learn_input.h"

#include "runtime/nodes/bind.h"

namespace rexp::nodes {

Result<codebook::LearnInput> learn_input(NodeContext& context) {
  codebook::LearnInput in;
  auto dataset = context.dataset(context.find({"load"}));
  if (!dataset) return dataset.error();
  in.dataset = *dataset;
  in.files = context.site().value("files", std::map<std::string, std::string>());
  in.seed = context.node().stream;
  in.note = [&context](std::string text) { context.note(std::move(text)); };
  in.vectors = [&context](int64_t input) {
    return codebook::load_vectors(context.in(input, "vectors.bin"));
  };
  in.row_count = [&context](int64_t input) -> Result<int64_t> {
    auto rows = context.rows(input);
    if (!rows) return rows.error();
    return rows->count;
  };
  auto texts = std::make_shared<std::map<int64_t, data::RowFunction>>();
  in.text = [&context, texts](int64_t kernel, int64_t item) -> Result<std::string> {
    data::RowFunction& text = (*texts)[kernel];
    if (!text) {
      auto bound = row_function(context, kernel, {"item"});
      if (!bound) return bound.error();
      text = std::move(*bound);
    }
    auto answer = text(&item);
    if (!answer) return answer.error();
    return std::string(answer->text);
  };
  return in;
}

}  // namespace rexp::nodes
