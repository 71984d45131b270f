// group {rows, by}: items that share a name. The function gives the names of one item's groups, a line each.
//
//   rows of items, by = i => i.category    ->    group, items_begin, items_end    pools: name (by group), items
#include <map>
#include <vector>

#include "runtime/base/fields.h"
#include "runtime/base/registry.h"
#include "runtime/data/rows.h"
#include "runtime/data/text_lines.h"

namespace rexp::data {
namespace {

/// Groups in the order of their first items.
struct Groups {
  std::vector<std::string> names;
  std::vector<std::vector<int64_t>> items;
  std::map<std::string, size_t, std::less<>> places;

  void add(std::string_view name, int64_t item) {
    const auto [place, fresh] = places.try_emplace(std::string(name), names.size());
    if (fresh) {
      names.emplace_back(name);
      items.emplace_back();
    }
    std::vector<int64_t>& members = items[place->second];
    if (members.empty() || members.back() != item) members.push_back(item);
  }
};

Rows rows_of(const Groups& groups) {
  Rows out;
  out.columns = {"group", "items_begin", "items_end"};
  Column name, items;
  name.name = "name";
  name.kind = ColumnKind::text;
  items.name = "items";
  for (size_t group = 0; group < groups.names.size(); ++group) {
    name.push_text(groups.names[group]);
    const auto begin = static_cast<int64_t>(items.integers.size());
    items.integers.insert(items.integers.end(), groups.items[group].begin(),
                          groups.items[group].end());
    out.add(nullptr, 0, {static_cast<int64_t>(group), begin, items.rows()});
  }
  out.pools = {std::move(name), std::move(items)};
  return out;
}

Result<Rows> group(const nlohmann::json& args, RowsInput& in) {
  int64_t input = 0, kernel = 0;
  Fields fields(args, "group");
  fields.input("rows", &input);
  fields.kernel("by", &kernel);
  REXP_TRY(fields.status());
  Result<Rows> rows = in.rows(input);
  if (!rows.ok()) return rows.error();
  const int item = rows->column("item");
  if (item < 0) return internal_error("`group` takes rows of items");
  Result<RowFunction> by = in.function(kernel, *rows);
  if (!by.ok()) return by.error();
  Groups groups;
  int64_t without = 0;
  for (int64_t i = 0; i < rows->count; ++i) {
    Result<RowAnswer> answer = (*by)(rows->row(i));
    if (!answer.ok()) return answer.error();
    without += answer->text.empty();
    while (!answer->text.empty()) {
      const std::string_view name = take_line(answer->text);
      if (!name.empty()) groups.add(name, rows->row(i)[item]);
    }
  }
  if (without > 0) in.note(std::to_string(without) + " items belong to no group");
  return rows_of(groups);
}

REXP_REGISTER(RowsOp, group, group)

}  // namespace
}  // namespace rexp::data
