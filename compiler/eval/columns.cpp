// Columns of the run's tables: what an item, an event or a user of a row function is asked for.
#include <algorithm>

#include "compiler/eval/constructs.h"

namespace rexp::eval {

namespace {

enum class Table : uint8_t { items, events, users };

/// The schema of a dataset's items, interactions or users.
TypeId schema_type(Evaluator& e, int32_t table, Table which) {
  const auto* dataset = table < 0 ? nullptr : e.tables[table].shared<Record>();
  if (dataset == nullptr) return {};
  const TypeId seen = e.program.as_base(dataset->type, e.program.known(Known::Interactions));
  const auto at = static_cast<size_t>(which);
  const std::vector<TypeId>& parts = e.program.types[seen].arguments;
  return at < parts.size() ? parts[at] : TypeId{};
}

const check::Field* find_column(Evaluator& e, TypeId type, const std::string& name) {
  if (e.program.types.kind(type) != TypeKind::record) return nullptr;
  return e.program.schema(e.program.types[type].index).find(name);
}

struct Column {
  Table table;
  const check::Field* field;
};

std::optional<Column> look_up(Evaluator& e, const Row& row, const std::string& name) {
  const row::Kind kind = row.builder->type(row.expr).kind;
  if (kind == row::Kind::event) {
    if (const auto* f = find_column(e, schema_type(e, row.table, Table::events), name))
      return Column{Table::events, f};
  }
  if (kind == row::Kind::event || kind == row::Kind::item) {
    if (const auto* f = find_column(e, schema_type(e, row.table, Table::items), name))
      return Column{Table::items, f};
  }
  return std::nullopt;
}

std::string dataset_name(Evaluator& e, int32_t table) {
  const auto* dataset = table < 0 ? nullptr : e.tables[table].shared<Record>();
  return dataset == nullptr || dataset->name.empty() ? "its dataset"
                                                     : "dataset `" + dataset->name + "`";
}

/// Whether the items of a codebook are those of the dataset.
bool belongs(Evaluator& e, const Value& codebook, int32_t table) {
  const auto* record = codebook.shared<Record>();
  const Value* of = record == nullptr ? nullptr : field(e, *record, "of");
  const Value* dataset = of == nullptr ? nullptr : dataset_of(e, *of);
  return dataset != nullptr && table_id(e, *dataset) == table;
}

}  // namespace

bool has_column(Evaluator& e, const Row& row, const std::string& name) {
  return look_up(e, row, name).has_value();
}

Maybe column_of(Evaluator& e, const Scope& scope, const Row& row, const std::string& name,
                Span span) {
  row::RowBuilder* builder = builder_of(e, scope, row, span);
  if (builder == nullptr) return std::nullopt;
  const std::optional<Column> column = look_up(e, row, name);
  if (!column) {
    const TypeId item = schema_type(e, row.table, Table::items);
    const std::string owner = e.program.types.kind(item) == TypeKind::record
                                  ? "`" + e.program.types.name(item) + "`"
                                  : "a " + described(e, Value{row});
    return fail(e, Kind::unknown_field, span, owner + " has no `" + name + "`");
  }
  const std::optional<row::Type> type = row_type(e, column->field->type);
  if (!type)
    return fail(e, Kind::not_in_row_function, span,
                "a column of `" + e.program.types.name(column->field->type) +
                    "` cannot be read per example");
  const bool events = column->table == Table::events;
  const row::ExprId index = events ? row.expr : item_of(scope, row.expr, row.table);
  return row_value(scope, builder->column(row.table, events ? "events" : "items",
                                          column->field->name, *type, index));
}

std::vector<Value> codebooks_of(Evaluator& e, int32_t table, const std::string& name) {
  std::vector<Value> found;
  for (const Symbol symbol : e.codebooks) {
    if (!name.empty() && e.program.decl(symbol).name.text != name) continue;
    const Maybe value = evaluate_declaration(e, symbol);
    if (value && belongs(e, *value, table)) found.push_back(*value);
  }
  return found;
}

Maybe sid_of(Evaluator& e, const Scope& scope, const Value& object, const std::string& name,
             Span span) {
  const auto* row = object.as<Row>();
  if (row == nullptr) {
    if (has_field(e, object, name)) return field_of(e, scope, object, name, span);
    const auto* joined = object.shared<RowRecord>();
    if (joined != nullptr && e.program.is(joined->type, Known::Joined))
      return sid_of(e, scope, joined->fields[0].second, name, span);
    return fail(e, Kind::not_in_row_function, span,
                "a " + described(e, object) + " has no semantic id here");
  }
  row::RowBuilder* builder = builder_of(e, scope, *row, span);
  if (builder == nullptr) return std::nullopt;
  const std::vector<Value> books = codebooks_of(e, row->table, name);
  if (books.empty())
    return fail(e, Kind::unknown_field, span,
                dataset_name(e, row->table) + " has no codebook `" + name + "`");
  const row::ExprId item = item_of(scope, row->expr, row->table);
  return row_value(scope, builder->sid(table_id(e, books[0]), item), row->table);
}

const Value* dataset_of(Evaluator& e, const Value& value) {
  if (const auto* record = value.shared<Record>()) {
    if (e.program.is(record->type, Known::Interactions)) return &value;
    if (!e.program.is(record->type, Known::Codebook)) return nullptr;
    const Value* of = field(e, *record, "of");
    return of == nullptr ? nullptr : dataset_of(e, *of);
  }
  const auto* made = value.shared<Made>();
  if (made == nullptr) return nullptr;
  for (const auto& [name, argument] : made->arguments) {
    if (const Value* found = dataset_of(e, argument)) return found;
  }
  return nullptr;
}

int32_t table_id(Evaluator& e, const Value& value) {
  return e.tables.id(value, print(e, value, /*canonical=*/true));
}

}  // namespace rexp::eval
