#include "runtime/abi/bind.h"

namespace rexp::abi {

Result<std::vector<int>> slot_columns(const BoundKernel& kernel, const data::Rows& rows) {
  std::vector<int> columns;
  for (const std::string& slot : kernel.slots) {
    columns.push_back(rows.column(slot));
    if (columns.back() < 0)
      return internal_error("kernel `" + kernel.name + "` takes `" + slot +
                            "`, which its rows lack");
  }
  return columns;
}

Result<std::unique_ptr<BoundKernel>> bind(NodeContext& context, const RexpKernel& kernel,
                                          std::shared_ptr<const text::Tokenizer> tokenizer,
                                          const SidBases& bases) {
  auto bound = std::make_unique<BoundKernel>();
  bound->fn = kernel.fn;
  bound->name = kernel.name;
  bound->tokenizer = std::move(tokenizer);
  const auto binding = nlohmann::json::parse(kernel.binding);
  bound->slots = binding.value("slots", std::vector<std::string>());
  for (const auto& reference : binding.at("columns")) {
    auto dataset = context.dataset(reference.at("input").get<int64_t>());
    if (!dataset) return dataset.error();
    const data::Column* column = find_column(**dataset, reference.at("table").get<std::string>(),
                                             reference.at("column").get<std::string>());
    if (!column)
      return internal_error("kernel `" + bound->name +
                            "` reads a column the dataset lacks: " + reference.dump());
    bound->columns.push_back(column_view(*column));
    bound->datasets.push_back(*dataset);
  }
  for (const auto& input : binding.at("codebooks")) {
    auto codebook = context.codebook(input.get<int64_t>());
    if (!codebook) return codebook.error();
    const auto base = bases.find(input.get<int64_t>());
    if (base == bases.end())
      return internal_error("kernel `" + bound->name + "` prints a codebook without token ids");
    bound->sid_tables.push_back(sid_ids(*codebook, base->second));
    bound->sids.push_back(bound->sid_tables.back()->table);
  }
  if (bound->tokenizer) bound->texts = std::make_unique<TextCache>(*bound->tokenizer);
  bound->context = {bound->columns.data(), bound->sids.data(), bound->tokenizer.get(),
                    bound->texts.get()};
  return bound;
}

}  // namespace rexp::abi
