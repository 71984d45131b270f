// Row functions of function values: what an operation of the run calls for each of its rows, or with plain numbers.
#include "compiler/eval/constructs.h"
#include "compiler/row/verify.h"
#include "runtime/base/assert.h"

namespace rexp::eval {

namespace {

Maybe plain_parameter(Evaluator& e, const Scope& scope, TypeId type, size_t index, Span span) {
  const auto row = row_type(e, type);
  if (!row || row->kind == row::Kind::list)
    return fail(e, Kind::not_in_row_function, span,
                "a `" + e.program.types.name(type) + "` cannot be passed to a function of the run");
  const std::string name = row->kind == row::Kind::item ? "item" : "x" + std::to_string(index);
  const int64_t slot = scope.row->slot(name, *row);
  return row_value(scope, scope.row->add(row::Op::param, *row, {}, slot));
}

/// The field of a row that a template's parameter means: the one with its label whose type fits, else the one with the highest label
/// below it. A parameter without a label, a fact of the catalogue, is not filled.
const check::Field* fitting_field(check::Program& program, TypeId row, const ast::Parameter& p,
                                  ModuleId module) {
  const check::TypeNode& type = program.types[row];
  if (type.kind != TypeKind::record) return nullptr;
  const TypeId wanted = program.resolve(module, p.type);
  const check::Label bound = program.label(module, p.type);
  const check::Field* best = nullptr;
  for (const check::Field& field : program.schema(type.index).fields) {
    const bool allowed = field.label > check::Label::static_ && field.label <= bound;
    if (!allowed || !program.assignable(program.field_type(row, field), wanted)) continue;
    if (best == nullptr || field.label > best->label) best = &field;
  }
  return best;
}

/// A field that would fit but for its label: the answer would reach a parameter that must not see it.
const check::Field* higher_field(check::Program& program, TypeId row, const ast::Parameter& p,
                                 ModuleId module) {
  const TypeId wanted = program.resolve(module, p.type);
  const check::Label bound = program.label(module, p.type);
  for (const check::Field& field : program.schema(program.types[row].index).fields) {
    if (field.label > bound && program.assignable(program.field_type(row, field), wanted))
      return &field;
  }
  return nullptr;
}

const check::Field* asked_field(Evaluator& e, const Value& row, const std::string& wording,
                                const ast::Parameter& p, ModuleId module, Span span) {
  const auto* record = row.shared<RowRecord>();
  const auto* fitting =
      record == nullptr ? nullptr : fitting_field(e.program, record->type, p, module);
  if (fitting != nullptr) return fitting;
  const auto* higher =
      record == nullptr ? nullptr : higher_field(e.program, record->type, p, module);
  if (higher != nullptr) {
    fail(e, Kind::label_too_high, p.name.span,
         "`" + p.name.text + "` takes `" + check::name_of(e.program.label(module, p.type)) +
             "` data, `ask` would give it `" + check::name_of(higher->label) + "` data",
         std::string("declare it `") + check::name_of(higher->label) + "` if it may read that");
    return nullptr;
  }
  fail(e, Kind::wrong_arguments, span,
       "`ask` cannot fill parameter `" + p.name.text + "` of template `" + wording + "` from a row",
       "write how: `ask = w => " + wording + "(…)`");
  return nullptr;
}

/// A template's arguments, filled from the row by what they are: a past history, a target item.
std::optional<std::vector<Value>> ask_arguments(Evaluator& e, const Scope& scope,
                                                const TemplateRef& wording, const Value& row,
                                                Span span) {
  const ast::Decl& decl = e.program.decl(wording.symbol);
  std::vector<Value> arguments;
  for (const ast::Parameter& p : std::get<ast::TemplateDecl>(decl.node).parameters) {
    const check::Field* field = asked_field(e, row, decl.name.text, p, wording.symbol.module, span);
    if (field == nullptr) return std::nullopt;
    Maybe value = field_of(e, scope, row, field->name, span);
    if (!value) return std::nullopt;
    arguments.push_back(std::move(*value));
  }
  return arguments;
}

/// The kind of a row function that gives this; nothing when no operation of the run can take it.
std::optional<row::FunctionKind> kind_of(row::Type type) {
  switch (type.kind) {
    case row::Kind::text: return row::FunctionKind::text;
    case row::Kind::boolean: return row::FunctionKind::predicate;
    case row::Kind::integer: return row::FunctionKind::integer_function;
    case row::Kind::real: return row::FunctionKind::real_function;
    default: return std::nullopt;
  }
}

/// What a function gives: as declared, or as its body says where the declaration leaves it open.
TypeId result_type(const Evaluator& e, const Value& function, TypeId declared) {
  const check::TypeTable& types = e.program.types;
  const bool open = declared.index == 0 || types.contains(declared, TypeKind::variable) ||
                    types.contains(declared, TypeKind::hole);
  const auto* closure = function.shared<Closure>();
  if (!open || closure == nullptr) return declared;
  return e.typed.at(closure->module, closure->body).type;
}

row::RowFunction renderer_of(const Evaluator& e, const Scope& scope, const Example& example) {
  row::RowFunction out = scope.row->finish(example.body);
  out.kind = row::FunctionKind::renderer;
  out.name = names_of(e.program, example.templates);
  return out;
}

std::optional<row::RowFunction> function_of(Evaluator& e, const Scope& scope, const Value& result,
                                            Span span) {
  constexpr row::Type kTexts{row::Kind::list, row::Kind::text};
  auto id = lift(e, scope, result, span, elements_of(result) != nullptr ? kTexts : row::Type{});
  if (!id) return std::nullopt;
  if (scope.row->type(*id) == kTexts)  // a line for each
    id = scope.row->add(row::Op::join, {row::Kind::text},
                        {*id, scope.row->constant(std::string("\n"))});
  const auto kind = kind_of(scope.row->type(*id));
  if (!kind)
    return fail(
        e, Kind::not_in_row_function, span,
        "a function of the run gives a number, a text or a truth, found a " + described(e, result));
  row::RowFunction out = scope.row->finish(*id);
  out.kind = *kind;
  return out;
}

}  // namespace

std::vector<check::Label> asked_labels(check::Program& program, const TemplateRef& wording,
                                       TypeId row) {
  const ModuleId module = wording.symbol.module;
  std::vector<check::Label> labels;
  for (const ast::Parameter& p :
       std::get<ast::TemplateDecl>(program.decl(wording.symbol).node).parameters) {
    const check::Field* field = fitting_field(program, row, p, module);
    labels.push_back(field == nullptr ? program.label(module, p.type) : field->label);
  }
  return labels;
}

std::optional<Kernel> finish_kernel(Evaluator& e, const Scope& scope, const Value& result,
                                    const std::string& source, Span span) {
  const auto* example = result.shared<Example>();
  auto function = example != nullptr ? std::optional(renderer_of(e, scope, *example))
                                     : function_of(e, scope, result, span);
  if (!function) return std::nullopt;
  const std::string problem = row::verify(*function);
  REXP_ASSERT(problem.empty(), problem.c_str());
  Kernel kernel{std::make_shared<const row::RowFunction>(std::move(*function)), source, {}};
  if (example != nullptr) kernel.templates = example->templates;
  return kernel;
}

std::optional<Kernel> make_kernel(Evaluator& e, const Value& function, TypeId function_type,
                                  const std::vector<Value>& sources, const std::string& role,
                                  Span span) {
  if (const auto* kernel = function.as<Kernel>()) return *kernel;
  RowFrame frame(e, row::FunctionKind::predicate, role);
  const Scope scope{-1, nullptr, &frame.builder};
  std::vector<TypeId> parts;
  for (TypeId part : e.program.types.alternatives(function_type)) {
    if (e.program.types.kind(part) == TypeKind::function) parts = e.program.types[part].arguments;
  }
  std::vector<Value> arguments;
  for (size_t i = 0; i + 1 < std::max<size_t>(parts.size(), sources.size() + 1); ++i) {
    const bool rows = i < sources.size() && sources[i].as<None>() == nullptr;
    Maybe argument = rows ? row_of(e, scope, sources[i], i == 0 ? "" : "b_", span)
                          : plain_parameter(e, scope, parts[i], i, span);
    if (!argument) return std::nullopt;
    arguments.push_back(std::move(*argument));
  }
  if (const auto* wording = function.as<TemplateRef>(); wording != nullptr && !arguments.empty()) {
    auto filled = ask_arguments(e, scope, *wording, arguments[0], span);
    if (!filled) return std::nullopt;
    arguments = std::move(*filled);
  }
  Maybe result = call(e, function, std::move(arguments), scope, span);
  if (result && !parts.empty() && result->shared<Example>() == nullptr)
    result = convert(e, std::move(*result), parts.back(), {scope, span, {}});
  if (!result) return std::nullopt;
  auto kernel = finish_kernel(e, scope, *result, readable(e, function), span);
  if (kernel) kernel->result = result_type(e, function, parts.empty() ? TypeId{} : parts.back());
  return kernel;
}

}  // namespace rexp::eval
