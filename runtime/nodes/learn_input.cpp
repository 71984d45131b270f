#include "runtime/nodes/learn_input.h"

#include <bit>

#include "runtime/nodes/bind.h"
#include "runtime/quantiser/quantiser_file.h"

namespace rexp::nodes {
namespace {

Result<codebook::StoredBook> stored_book(NodeContext& context, int64_t input) {
  auto book = context.codebook(input);
  if (!book) return book.error();
  auto quantiser = quantiser::load_stored(context.in(input, ""));
  if (!quantiser) return quantiser.error();
  return codebook::StoredBook{std::move(*book), std::move(*quantiser)};
}

}  // namespace

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
  in.codebook = [&context](int64_t input) { return stored_book(context, input); };
  in.row_count = [&context](int64_t input) -> Result<int64_t> {
    auto rows = context.rows(input);
    if (!rows) return rows.error();
    return rows->count;
  };
  in.work = [&context] { return context.work_folder(); };
  in.checkpoint_seconds = context.run().checkpoint_seconds();
  in.interrupt = &interrupted();
  in.show_progress = context.run().options.value("progress", "bar") != "none";
  auto kernels = std::make_shared<std::map<int64_t, data::RowFunction>>();
  const auto call = [&context, kernels](int64_t kernel, const std::vector<std::string>& columns,
                                        const int64_t* row) -> Result<data::RowAnswer> {
    data::RowFunction& function = (*kernels)[kernel];
    if (!function) {
      auto bound = row_function(context, kernel, columns);
      if (!bound) return bound.error();
      function = std::move(*bound);
    }
    return function(row);
  };
  in.rate = [call](int64_t kernel, int64_t step, int64_t total) -> Result<double> {
    const int64_t row[] = {step, total};
    auto answer = call(kernel, {"step", "total"}, row);
    if (!answer) return answer.error();
    return std::bit_cast<double>(answer->value);
  };
  in.text = [call](int64_t kernel, int64_t item) -> Result<std::string> {
    auto answer = call(kernel, {"item"}, &item);
    if (!answer) return answer.error();
    return std::string(answer->text);
  };
  return in;
}

}  // namespace rexp::nodes
