// The general way from a value to what crosses the wall.
#include <algorithm>

#include "compiler/contracts/components.h"
#include "compiler/plan/lower.h"
#include "compiler/row/verify.h"
#include "runtime/base/assert.h"

namespace rexp::plan {
using contracts::is_made_of;
using eval::Intrinsic;
using nlohmann::json;

json number_json(double value) {
  const auto whole = static_cast<int64_t>(value);
  return static_cast<double>(whole) == value ? json(whole) : json(value);
}

json constant_json(Evaluator& e, const Value& value) {
  if (const auto* flag = value.as<bool>()) return *flag;
  if (const auto* whole = value.as<int64_t>()) return *whole;
  if (const auto number = eval::number_of(value)) return number_json(*number);
  if (const auto* chars = value.as<std::string>()) return *chars;
  if (const auto* chosen = value.as<eval::EnumValue>()) {
    const check::Enum& enumeration = e.program.enumeration(chosen->enumeration);
    return enumeration.values[static_cast<size_t>(chosen->index)];
  }
  json out;
  if (const auto* list = value.shared<eval::List>()) {
    out = json::array();
    for (const Value& element : list->elements) out.push_back(constant_json(e, element));
  } else if (const auto* fields = value.shared<eval::Fields>()) {
    out = json::object();
    for (const auto& [name, entry] : fields->entries) out[name] = constant_json(e, entry);
  }
  return out;
}

// ---- row functions ----------------------------------------------------------------------------------------------------------

namespace {

/// The role that runtime/abi/README.md gives the function of a parameter or field.
std::string role_of(const std::string& parameter) {
  if (parameter == "each") return "where";
  if (parameter == "at") return "schedule";
  if (parameter == "value") return "metric";
  return parameter;
}

/// Functions of plain numbers take what their role says; how the user called it does not count.
void name_slots(const std::string& role, row::RowFunction* function) {
  std::vector<const char*> names;
  if (role == "schedule") names = {"step", "total"};
  if (role == "metric") names = {"rank"};
  for (size_t i = 0; i < names.size() && i < function->slots.size(); ++i)
    function->slots[i].name = names[i];
}

bool is_function(const Value& value) {
  return value.shared<eval::Closure>() != nullptr || value.as<eval::Callable>() != nullptr ||
         value.shared<eval::Partial>() != nullptr || value.shared<eval::Method>() != nullptr;
}

json kernel_json(int64_t index) { return {{"kernel", index}}; }

}  // namespace

std::optional<row::RowFunction> link(Lowering& l, Draft& draft, row::RowFunction function) {
  const auto place = [&](int32_t table) -> std::optional<int32_t> {
    const Value read = l.e.tables[table];
    const std::optional<DraftId> node = lower(l, read);
    if (!node) return std::nullopt;
    return static_cast<int32_t>(draft.input(*node));
  };
  for (row::ColumnRef& column : function.columns) {
    const auto at = place(column.input);
    if (!at) return std::nullopt;
    column.input = *at;
  }
  for (int32_t& codebook : function.codebooks) {
    const auto at = place(codebook);
    if (!at) return std::nullopt;
    codebook = *at;
  }
  const std::string problem = row::verify(function);
  REXP_ASSERT(problem.empty(), problem.c_str());
  return function;
}

std::optional<int64_t> add_kernel(Lowering& l, Draft& draft, const std::string& role,
                                  row::RowFunction function) {
  auto linked = link(l, draft, std::move(function));
  if (!linked) return std::nullopt;
  name_slots(role, &*linked);
  const bool nameless = linked->name.empty() || linked->name == role;
  const std::string name = nameless && !draft.name.empty() ? draft.name : linked->name;
  draft.kernels.push_back({role, name, std::move(*linked), {}});
  return static_cast<int64_t>(draft.kernels.size()) - 1;
}

std::optional<int64_t> add_field_kernel(Lowering& l, Draft& draft, const std::string& role,
                                        const Record& record, const std::string& name,
                                        const std::vector<Value>& sources) {
  Program& program = l.program();
  const check::Field* declared = program.schema(program.types[record.type].index).find(name);
  REXP_ASSERT(declared != nullptr, "a schema lacks the field of a row function");
  const TypeId type = program.field_type(record.type, *declared);
  const auto kernel = eval::make_kernel(l.e, contracts::field(program, record, name), type, sources,
                                        role, contracts::field_span(program, record, name));
  if (!kernel) return std::nullopt;
  return add_kernel(l, draft, role, *kernel->function);
}

// ---- values -----------------------------------------------------------------------------------------------------------------

namespace {

/// The name under which a member's receiver crosses the wall.
std::string receiver_name(Program& program, const Value& receiver) {
  if (contracts::is(program, receiver, Known::Part)) return "part";
  return contracts::is(program, receiver, Known::Rows) ? "rows" : "of";
}

/// `a + b + c` of rows as one list.
void collect_joined(Program& program, const Made& made, std::vector<Value>* out) {
  for (const auto& [name, side] : made.arguments) {
    const auto* inner = side.shared<Made>();
    if (inner != nullptr && is_made_of(program, *inner, Known::Rows)) {
      collect_joined(program, *inner, out);
    } else {
      out->push_back(side);
    }
  }
}

std::optional<json> describe_joined(Lowering& l, Draft& draft, const Made& made) {
  std::vector<Value> sides;
  collect_joined(l.program(), made, &sides);
  json rows = json::array();
  for (const Value& side : sides) {
    auto described = describe(l, draft, side, {"rows", {}, made.span});
    if (!described) return std::nullopt;
    rows.push_back(std::move(*described));
  }
  return json{{"rows", std::move(rows)}};
}

std::optional<json> describe_arguments(Lowering& l, Draft& draft, const Made& made) {
  Program& program = l.program();
  if (is_made_of(program, made, Known::Rows)) return describe_joined(l, draft, made);
  json out = json::object();
  const bool member = contracts::has_receiver(program, made);
  for (size_t i = 0; i < made.arguments.size(); ++i) {
    const auto& [name, value] = made.arguments[i];
    auto described = describe(l, draft, value, {name, {}, made.span});
    if (!described) return std::nullopt;
    out[member && i == 0 ? receiver_name(program, value) : name] = std::move(*described);
  }
  return out;
}

/// Fields of a record: those of its schema, or those that the position promises.
std::optional<json> describe_fields(Lowering& l, Draft& draft, const Record& record,
                                    int32_t shape) {
  Program& program = l.program();
  json out = json::object();
  for (const check::Field& field : std::vector<check::Field>(program.schema(shape).fields)) {
    const check::Field* own = program.schema(program.types[record.type].index).find(field.name);
    REXP_ASSERT(own != nullptr, "a record lacks a field of its base");
    const Value& value = contracts::field(program, record, field.name);
    auto described = describe(l, draft, value,
                              {field.name, program.field_type(record.type, *own),
                               contracts::field_span(program, record, field.name)});
    if (!described) return std::nullopt;
    out[field.name] = std::move(*described);
  }
  return out;
}

/// A record that is no component crosses as what its position promises: of a `Cosine` where a `Schedule` stands, `at`.
std::optional<json> describe_record(Lowering& l, Draft& draft, const Value& value,
                                    const Record& record, const Position& position) {
  Program& program = l.program();
  if (program.is(record.type, Known::Interactions) || program.is(record.type, Known::Codebook)) {
    const auto node = lower(l, value);
    return node ? std::optional(json{{"input", draft.input(*node)}}) : std::nullopt;
  }
  if (!contracts::component_base(program, record.type).empty())
    return describe_component(l, draft, value, position.span);
  const check::TypeNode& declared = program.types[position.declared];
  const bool narrower = declared.kind == check::TypeKind::record;
  return describe_fields(l, draft, record,
                         narrower ? declared.index : program.types[record.type].index);
}

/// A trie: the codebook's ids, and the condition on their items.
std::optional<json> describe_trie(Lowering& l, Draft& draft, const Made& made) {
  if (!is_made_of(l.program(), made, Known::Trie)) {
    const auto node = lower(l, contracts::receiver(made));
    if (!node) return std::nullopt;
    return json{{"legal", {{"input", draft.input(*node)}}}};
  }
  auto out = describe_trie(l, draft, *contracts::argument(made, "legal").shared<Made>());
  auto where =
      out ? describe(l, draft, contracts::argument(made, "where"), {"within", {}, made.span})
          : std::nullopt;
  if (!where) return std::nullopt;
  (*out)["where"] = std::move(*where);
  return out;
}

std::optional<json> describe_made(Lowering& l, Draft& draft, const Value& value, const Made& made) {
  Program& program = l.program();
  if (program.is(made.type, Known::Trie)) return describe_trie(l, draft, made);
  const auto node = lower(l, value);
  if (!node) return std::nullopt;
  json out = {{"input", draft.input(*node)}};
  if (program.is(made.type, Known::Part)) out["part"] = contracts::name_of(program, made);
  return out;
}

/// A function of numbers that a record holds.
std::optional<json> describe_function(Lowering& l, Draft& draft, const Value& value,
                                      const Position& position) {
  const std::string role = role_of(position.name);
  const size_t parameters = l.program().types[position.declared].arguments.size();
  REXP_ASSERT(parameters > 0, "a function stands where its type is not known");
  const std::vector<Value> sources(parameters - 1, Value{eval::None{}});
  const auto kernel =
      eval::make_kernel(l.e, value, position.declared, sources, role, position.span);
  if (!kernel) return std::nullopt;
  const auto index = add_kernel(l, draft, role, *kernel->function);
  return index ? std::optional(kernel_json(*index)) : std::nullopt;
}

}  // namespace

std::optional<json> describe(Lowering& l, Draft& draft, const Value& value,
                             const Position& position) {
  if (const auto* record = value.shared<Record>())
    return describe_record(l, draft, value, *record, position);
  if (const auto* made = value.shared<Made>()) return describe_made(l, draft, value, *made);
  if (const auto* kernel = value.as<eval::Kernel>()) {
    const auto index = add_kernel(l, draft, role_of(position.name), *kernel->function);
    return index ? std::optional(kernel_json(*index)) : std::nullopt;
  }
  if (is_function(value)) return describe_function(l, draft, value, position);
  if (const auto* list = value.shared<eval::List>()) {
    json out = json::array();
    for (const Value& element : list->elements) {
      auto described = describe(l, draft, element, {position.name, {}, position.span});
      if (!described) return std::nullopt;
      out.push_back(std::move(*described));
    }
    return out;
  }
  return constant_json(l.e, value);
}

std::optional<json> describe_component(Lowering& l, Draft& draft, const Value& value, Span span) {
  const auto component = contracts::require_component(l.program(), value, span);
  if (!component) return std::nullopt;
  std::optional<json> out;
  if (const auto* record = value.shared<Record>()) {
    out = describe_fields(l, draft, *record, l.program().types[record->type].index);
  } else if (const auto* made = value.shared<Made>()) {
    out = describe_arguments(l, draft, *made);
  }
  if (out) (*out)["is"] = component->name;
  return out;
}

}  // namespace rexp::plan
