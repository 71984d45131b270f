#include "runtime/nodes/bind.h"

#include <algorithm>

#include "runtime/abi/row_helpers.h"

namespace rexp::nodes {
namespace {

using Json = nlohmann::json;

/// Where a kernel's columns come from. What they point into is kept by the kernel.
class Columns {
 public:
  Columns(NodeContext& context, std::shared_ptr<const data::Dataset> own, BoundKernel* bound)
      : context_(context), own_(std::move(own)), bound_(bound) {}

  Status add(const Json& reference) {
    const auto table = reference.at("table").get<std::string>();
    const auto column = reference.at("column").get<std::string>();
    const int64_t input = own_ ? 0 : reference.at("input").get<int64_t>();
    Result<const data::Column*> found = table == "rows"    ? pool(input, column)
                                        : table == "table" ? own_column(input, column)
                                                           : dataset_column(input, table, column);
    if (!found) return found.error();
    if (*found == nullptr)
      return internal_error("kernel `" + bound_->name +
                            "` reads a column that is not there: " + reference.dump());
    bound_->columns.push_back(abi::column_view(**found));
    return {};
  }

 private:
  template <class T>
  const T& keep(std::shared_ptr<const T> value) {
    bound_->kept.push_back(value);
    return *value;
  }

  Result<const data::Column*> pool(int64_t input, const std::string& column) {
    auto rows = context_.rows(input);
    if (!rows) return rows.error();
    return keep(std::make_shared<const data::Rows>(std::move(*rows))).pool(column);
  }

  Result<const data::Column*> own_column(int64_t input, const std::string& column) {
    auto table = context_.table(input);
    if (!table) return table.error();
    return keep(std::make_shared<const data::Table>(std::move(*table))).find(column);
  }

  Result<const data::Column*> dataset_column(int64_t input, const std::string& table,
                                             const std::string& column) {
    auto dataset = own_ ? Result(own_) : context_.dataset(input);
    if (!dataset) return dataset.error();
    const data::Dataset& kept = keep(*dataset);
    if (const data::Column* found = abi::find_column(kept, table, column)) return found;
    auto derived = data::derived_column(kept, table, column);
    if (!derived) return nullptr;
    return &keep(std::make_shared<const data::Column>(std::move(*derived)));
  }

  NodeContext& context_;
  std::shared_ptr<const data::Dataset> own_;
  BoundKernel* bound_;
};

/// Calls of one kernel: fills its slots from a row and keeps what it wrote.
struct Caller {
  std::unique_ptr<BoundKernel> bound;
  std::vector<int> places;
  std::vector<int64_t> slots;
  abi::SinkBuffer sink;

  Result<data::RowAnswer> call(const int64_t* row) {
    for (size_t i = 0; i < places.size(); ++i) slots[i] = row[places[i]];
    sink.clear();
    const int32_t status = bound->fn(&bound->context, slots.data(), 0, sink.get());
    if (status != REXP_OK)
      return internal_error("kernel `" + bound->name + "` failed with status " +
                            std::to_string(status));
    return data::RowAnswer{sink.value(), sink.text()};
  }
};

}  // namespace

Result<std::vector<int>> slot_columns(const BoundKernel& kernel,
                                      const std::vector<std::string>& columns) {
  std::vector<int> places;
  for (const std::string& slot : kernel.slots) {
    const auto found = std::find(columns.begin(), columns.end(), slot);
    if (found == columns.end())
      return internal_error("kernel `" + kernel.name + "` takes `" + slot +
                            "`, which its rows lack");
    places.push_back(static_cast<int>(found - columns.begin()));
  }
  return places;
}

Result<std::unique_ptr<BoundKernel>> bind(NodeContext& context, const RexpKernel& kernel,
                                          std::shared_ptr<const text::Tokenizer> tokenizer,
                                          const SidBases& bases,
                                          std::shared_ptr<const data::Dataset> own) {
  auto bound = std::make_unique<BoundKernel>();
  bound->fn = kernel.fn;
  bound->name = kernel.name;
  bound->tokenizer = std::move(tokenizer);
  const auto parsed = parse_own_json(kernel.binding);
  if (!parsed) return parsed.error();
  const Json& binding = *parsed;
  bound->slots = binding.value("slots", std::vector<std::string>());
  Columns columns(context, std::move(own), bound.get());
  for (const auto& reference : binding.value("columns", Json::array()))
    REXP_TRY(columns.add(reference));
  for (const auto& input : binding.value("codebooks", Json::array())) {
    auto codebook = context.codebook(input.get<int64_t>());
    if (!codebook) return codebook.error();
    const auto base = bases.find(input.get<int64_t>());
    if (base == bases.end())
      return internal_error("kernel `" + bound->name + "` prints a codebook without token ids");
    bound->sid_tables.push_back(abi::sid_ids(*codebook, base->second));
    bound->sids.push_back(bound->sid_tables.back()->table);
  }
  if (bound->tokenizer) bound->texts = std::make_unique<abi::TextCache>(*bound->tokenizer);
  bound->context = {bound->columns.data(), bound->sids.data(), bound->tokenizer.get(),
                    bound->texts.get()};
  return bound;
}

Result<data::RowFunction> row_function(NodeContext& context, int64_t kernel,
                                       const std::vector<std::string>& columns,
                                       std::shared_ptr<const data::Dataset> own) {
  auto found = context.kernel_at(kernel);
  if (!found) return found.error();
  auto caller = std::make_shared<Caller>();
  auto bound = bind(context, **found, nullptr, {}, std::move(own));
  if (!bound) return bound.error();
  caller->bound = std::move(*bound);
  auto places = slot_columns(*caller->bound, columns);
  if (!places) return places.error();
  caller->places = std::move(*places);
  caller->slots.resize(caller->places.size());
  return data::RowFunction([caller](const int64_t* row) { return caller->call(row); });
}

}  // namespace rexp::nodes
