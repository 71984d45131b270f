#include "compiler/driver/render_tables.h"

#include "runtime/store/store.h"

namespace rexp::driver {

namespace {

/// What was loaded for an input, loaded once.
template <class T, class Load>
Result<const T*> kept(std::map<int32_t, T>& known, int32_t input, const std::string& path,
                      Load load) {
  const auto at = known.find(input);
  if (at != known.end()) return &at->second;
  Result<T> loaded = load(path);
  if (!loaded) return loaded.error();
  return &known.emplace(input, std::move(*loaded)).first->second;
}

}  // namespace

std::string RenderTables::artifact(int32_t input, const char* file) const {
  const plan::NodeId node = target_.inputs[static_cast<size_t>(input)];
  return store::artifact_folder(root_, target_.plan.nodes[static_cast<size_t>(node)].key) + "/" +
         file;
}

Result<const data::Column*> RenderTables::of_dataset(const row::ColumnRef& reference) {
  auto dataset = kept(datasets_, reference.input, artifact(reference.input, "dataset.bin"),
                      data::load_dataset);
  if (!dataset) return dataset.error();
  if (const data::Column* found = abi::find_column(**dataset, reference.table, reference.column))
    return found;
  auto derived = data::derived_column(**dataset, reference.table, reference.column);
  if (!derived) return static_cast<const data::Column*>(nullptr);
  return static_cast<const data::Column*>(&derived_.emplace_back(std::move(*derived)));
}

Result<const data::Column*> RenderTables::find(const row::ColumnRef& reference) {
  if (reference.table == "rows") {
    auto rows =
        kept(rows_, reference.input, artifact(reference.input, "rows.bin"), data::load_rows);
    if (!rows) return rows.error();
    return (*rows)->pool(reference.column);
  }
  if (reference.table == "table") {
    auto table =
        kept(tables_, reference.input, artifact(reference.input, "table.bin"), data::load_table);
    if (!table) return table.error();
    return (*table)->find(reference.column);
  }
  return of_dataset(reference);
}

Status RenderTables::bind(const row::RowFunction& function, std::vector<RexpColumn>* out) {
  for (const row::ColumnRef& reference : function.columns) {
    auto column = find(reference);
    if (!column) return column.error();
    if (*column == nullptr)
      return internal_error("there is no column " + reference.column + " of " + reference.table);
    out->push_back(abi::column_view(**column));
  }
  return {};
}

}  // namespace rexp::driver
