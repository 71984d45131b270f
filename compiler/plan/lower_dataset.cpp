// `load` and `table` nodes: files become columns.
//
//   dataset films: Interactions<Film> { source = data.ml_100k; keep = u => u.events.length >= 5 }
//   dataset notes: Rows<Note> { source = jsonl_rows("notes.jsonl") }
#include "compiler/plan/lower.h"

namespace rexp::plan {
using diagnostics::Kind;
using nlohmann::json;

namespace {

/// A column's type as the loader names it; null for what no column holds.
const char* column_kind(const check::TypeTable& types, TypeId type) {
  using enum check::TypeKind;
  switch (types.kind(type)) {
    case text: return "text";
    case integer: return "int";
    case real:
    case ratio: return "float";
    case list: return types.kind(types[type].arguments[0]) == text ? "text_list" : nullptr;
    default: return nullptr;
  }
}

/// The columns that a schema names, but for those of its base, which every such table has.
std::optional<json> columns_of(Lowering& l, TypeId record, std::optional<Known> base) {
  Program& program = l.program();
  json columns = json::array();
  if (program.types.kind(record) != check::TypeKind::record) return columns;
  const int32_t known = base ? program.known(*base) : -1;
  const std::vector<check::Field> fields = program.schema(program.types[record].index).fields;
  for (const check::Field& field : fields) {
    if (known >= 0 && program.schema(known).find(field.name) != nullptr) continue;
    const TypeId type = program.field_type(record, field);
    const bool key = program.is(type, Known::WindowId);
    const char* kind = key ? "text" : column_kind(program.types, type);
    if (kind == nullptr) {
      program.sink.add(Kind::wrong_type, field.span,
                       "a column holds `Text`, `Int`, `Float` or `[Text]`, found `" +
                           program.types.name(type) + "`");
      return std::nullopt;
    }
    json column = {{"name", field.name}, {"type", kind}};
    if (field.initial) {
      const auto fallback = eval::evaluate(l.e, {field.module, nullptr, nullptr}, *field.initial);
      if (!fallback) return std::nullopt;
      column["default"] = constant_json(l.e, *fallback);
    }
    columns.push_back(std::move(column));
  }
  return columns;
}

/// The type argument of a record, without its label.
TypeId argument_type(Program& program, TypeId type, size_t index) {
  const std::vector<TypeId>& arguments = program.types[type].arguments;
  if (index >= arguments.size()) return {};
  const check::TypeNode& node = program.types[arguments[index]];
  return node.kind == check::TypeKind::labelled ? node.arguments[0] : arguments[index];
}

/// `source` of a dataset or a table: what it says in the arguments, where it lies in the location.
bool describe_source(Lowering& l, Draft& draft, const Value& value, Span span) {
  Program& program = l.program();
  auto described = describe_component(l, draft, value, span);
  if (!described) return false;
  draft.args["source"] = std::move(*described);
  json& source = draft.args["source"];
  const Record& record = *value.shared<Record>();
  locate_files(l, draft, record, "source", span);
  if (program.is(record.type, Known::Catalogued)) {
    draft.location.kind = Location::Kind::catalogue;
    draft.location.name = source.value("name", "");
    draft.location.span = span;
  }
  // What it is called and what to run when it is missing change nothing that is read.
  if (const auto hint = source.find("hint"); hint != source.end()) {
    draft.location.hint = hint->get<std::string>();
    source.erase(hint);
  }
  if (draft.location.kind == Location::Kind::catalogue) source.erase("name");
  return true;
}

/// The rows `films.users`, which `keep` is a condition on.
Value users_of(Lowering& l, const Record& dataset) {
  Made users;
  users.operation = l.e.intrinsics[eval::Intrinsic::dataset_users];
  users.type = l.program().known_type(Known::Rows, {argument_type(l.program(), dataset.type, 2)});
  users.arguments = {{"of", eval::shared_value(Record(dataset))}};
  users.span = dataset.span;
  return eval::shared_value(std::move(users));
}

bool keeps_all(const row::RowFunction& function) {
  const row::Expr& result = function.exprs[static_cast<size_t>(function.result)];
  return result.op == row::Op::const_bool && result.number != 0;
}

bool add_keep(Lowering& l, Draft& draft, const Record& dataset) {
  Program& program = l.program();
  const check::Field* declared = program.schema(program.types[dataset.type].index).find("keep");
  const Span span = contracts::field_span(program, dataset, "keep");
  const auto kernel = eval::make_kernel(l.e, contracts::field(program, dataset, "keep"),
                                        program.field_type(dataset.type, *declared),
                                        {users_of(l, dataset)}, "keep", span);
  if (!kernel) return false;
  if (keeps_all(*kernel->function)) return true;
  if (!kernel->function->codebooks.empty()) {
    program.sink
        .add(Kind::not_available_yet, span,
             "`keep` by semantic ids is not available: they are learnt from who stays")
        .help = "keep users by what they did: `keep = u => u.events.count >= 5`";
    return false;
  }
  // Its columns are those of the dataset that is being made, so there is no input to count.
  row::RowFunction function = *kernel->function;
  for (row::ColumnRef& column : function.columns) column.input = 0;
  draft.kernels.push_back({"keep", "keep", std::move(function), {}});
  draft.args["keep"] = {{"kernel", 0}};
  return true;
}

json ties_of(Evaluator& e, const Value& ties) {
  const auto* shuffled = ties.shared<Record>();
  if (shuffled == nullptr) return constant_json(e, ties);
  json out = {{"is", e.program.types[shuffled->type].name}};
  const check::Schema& schema = e.program.schema(e.program.types[shuffled->type].index);
  for (size_t i = 0; i < schema.fields.size(); ++i)
    out[schema.fields[i].name] = constant_json(e, *shuffled->fields[i].value);
  return out;
}

/// A table has no name of its own; it has that of the declaration that holds it.
std::string name_of_table(const Evaluator& e, const Made& table) {
  for (const auto& [symbol, value] : e.declarations) {
    if (value && value->shared<Made>() == &table) return e.program.decl(symbol).name.text;
  }
  return "table";
}

}  // namespace

std::optional<DraftId> lower_dataset(Lowering& l, const Record& dataset) {
  Program& program = l.program();
  Draft draft;
  draft.kind = "load";
  draft.name = name_or(dataset, "dataset");
  if (!describe_source(l, draft, contracts::field(program, dataset, "source"),
                       contracts::field_span(program, dataset, "source")))
    return std::nullopt;
  draft.args["split"] = constant_json(l.e, contracts::field(program, dataset, "split"));
  draft.args["ties"] = ties_of(l.e, contracts::field(program, dataset, "ties"));
  constexpr std::pair<const char*, Known> kTables[] = {{"columns", Known::Item},
                                                       {"event_columns", Known::Interaction},
                                                       {"user_columns", Known::User}};
  for (size_t i = 0; i < std::size(kTables); ++i) {
    auto columns = columns_of(l, argument_type(program, dataset.type, i), kTables[i].second);
    if (!columns) return std::nullopt;
    draft.args[kTables[i].first] = std::move(*columns);
  }
  if (!add_keep(l, draft, dataset)) return std::nullopt;
  return l.add(std::move(draft));
}

std::optional<DraftId> lower_table(Lowering& l, const Made& table) {
  Program& program = l.program();
  Draft draft;
  draft.kind = "table";
  draft.name = name_of_table(l.e, table);
  const Value& source = contracts::argument(table, "source");
  if (!describe_source(l, draft, source, table.span)) return std::nullopt;
  auto columns = columns_of(l, argument_type(program, table.type, 0), std::nullopt);
  if (!columns) return std::nullopt;
  for (const json& column : *columns) {  // the first column is the key that joins look up
    draft.args["key"] = column["name"];
    break;
  }
  draft.args["columns"] = std::move(*columns);
  return l.add(std::move(draft));
}

}  // namespace rexp::plan
