// R0312: what a question shows. Twice, by two ways that know different things: the templates that `ask` applies are read with the
// labels of their arguments, which finds the user's line; then the finished prompt is read for columns that have a label, which
// holds whatever the way from `ask` to the prompt is.
#include "compiler/check/arguments.h"
#include "compiler/contracts/questions.h"
#include "compiler/row/turns.h"

namespace rexp::contracts {
using check::Label;
using check::ModuleId;
using check::Symbol;
using check::Target;

namespace {

/// Follows an expression to the templates that it applies, and asks for each what it would show.
class Shown {
 public:
  Shown(Subject& s, Span fallback) : s_(s), program_(s.e.program), fallback_(fallback) {}

  bool fine() const { return fine_; }

  void look(ModuleId module, ast::ExprId id) {
    if (!id.valid() || ++steps_ > kMost) return;
    const ast::Expr& expr = program_.module(module).tree[id];
    if (const auto* branch = std::get_if<ast::If>(&expr.node)) {
      look(module, branch->then);
      look(module, branch->otherwise);
    } else if (const auto* match = std::get_if<ast::Match>(&expr.node)) {
      for (const ast::Arm& arm : match->arms) look(module, arm.value);
    } else if (const auto* call = std::get_if<ast::Call>(&expr.node)) {
      applied(module, call->callee, {}, call->arguments, expr.span);
    } else if (const auto* at = std::get_if<ast::AtSize>(&expr.node)) {
      applied(module, at->object, {at->size}, {}, expr.span);
    } else if (const auto* pipe = std::get_if<ast::Pipe>(&expr.node)) {
      piped(module, *pipe, expr.span);
    }
  }

 private:
  static constexpr int kMost = 1000;  // expressions behind one `ask`

  void piped(ModuleId module, const ast::Pipe& pipe, Span span) {
    const ast::Expr& function = program_.module(module).tree[pipe.function];
    if (const auto* call = std::get_if<ast::Call>(&function.node)) {
      applied(module, call->callee, {pipe.value}, call->arguments, span);
    } else {
      applied(module, pipe.function, {pipe.value}, {}, span);
    }
  }

  void applied(ModuleId module, ast::ExprId callee, const std::vector<ast::ExprId>& leading,
               const std::vector<ast::Argument>& arguments, Span span) {
    const Target& target = s_.typed.at(module, callee).target;
    if (!target.symbol.valid()) return;
    const ast::Decl& decl = program_.decl(target.symbol);
    if (const auto* function = std::get_if<ast::FnDecl>(&decl.node)) {
      look(target.symbol.module, function->body);
      return;
    }
    const auto* wording = std::get_if<ast::TemplateDecl>(&decl.node);
    if (wording == nullptr) return;
    std::string variant;
    if (target.kind == Target::Kind::variant) {
      if (const auto* ref = std::get_if<ast::FieldRef>(&program_.module(module).tree[callee].node))
        variant = ref->field.text;
    }
    fine_ &= check::check_question(program_, s_.typed, target.symbol, variant,
                                   labels(module, *wording, leading, arguments),
                                   of_user(program_, span) ? span : fallback_);
  }

  std::vector<Label> labels(ModuleId module, const ast::TemplateDecl& wording,
                            const std::vector<ast::ExprId>& leading,
                            const std::vector<ast::Argument>& arguments) const {
    std::vector<std::string> names;
    for (const ast::Parameter& p : wording.parameters) names.push_back(p.name.text);
    const check::Binding bound = check::bind_arguments(names, leading.size(), arguments);
    std::vector<Label> out(names.size(), Label::static_);
    for (size_t i = 0; i < names.size(); ++i) {
      const int32_t at = i < bound.argument.size() ? bound.argument[i] : -1;
      if (i < leading.size()) {
        out[i] = s_.typed.at(module, leading[i]).reads.peak;
      } else if (at >= 0) {
        out[i] = s_.typed.at(module, arguments[static_cast<size_t>(at)].value).reads.peak;
      }
    }
    return out;
  }

  Subject& s_;
  Program& program_;
  Span fallback_;
  int steps_ = 0;
  bool fine_ = true;
};

/// The templates that `ask` applies.
bool check_templates(Subject& s, const Record& protocol) {
  Program& program = s.e.program;
  const Value& ask = field(program, protocol, "ask");
  const Span span = ask_span(program, protocol);
  if (const auto* wording = ask.as<eval::TemplateRef>()) {
    const TypeId row = row_type(program, field(program, protocol, "rows"));
    return check::check_question(program, s.typed, wording->symbol, wording->variant,
                                 eval::asked_labels(program, *wording, row), span);
  }
  const auto* closure = ask.shared<eval::Closure>();
  if (closure == nullptr) return true;
  Shown shown(s, span);
  shown.look(closure->module, closure->body);
  return shown.fine();
}

/// The field of a row that a slot holds: "history" of "history_begin".
const check::Field* field_of_slot(Program& program, TypeId row, const std::string& slot) {
  if (program.is(row, Known::Joined)) {
    const std::vector<TypeId> sides = program.types[row].arguments;
    return sides.empty() ? nullptr : field_of_slot(program, sides[0], slot);
  }
  const check::TypeNode& type = program.types[row];
  if (type.kind != check::TypeKind::record) return nullptr;
  for (const check::Field& field : program.schema(type.index).fields) {
    if (slot == field.name || slot == field.name + "_begin" || slot == field.name + "_end")
      return &field;
  }
  return nullptr;
}

/// The field of a table of the user's own that a column holds.
const check::Field* field_of_column(Subject& s, const row::ColumnRef& column) {
  const TypeId row = row_type(s.e.program, s.e.tables[column.input]);
  const check::TypeNode& type = s.e.program.types[row];
  if (column.table != "table" || type.kind != check::TypeKind::record) return nullptr;
  return s.e.program.schema(type.index).find(column.column);
}

void report_shown(Subject& s, const Record& protocol, const check::Field* field) {
  if (field == nullptr || field->label < Label::target) return;
  auto& error =
      s.e.program.sink.add(diagnostics::Kind::question_shows_answer,
                           ask_span(s.e.program, protocol), "the question shows the answer");
  error.primary.text =
      "reads `" + field->name + "` before the first token that the model has to produce";
  error.help = "ask with a template that prints it behind the answer, or leaves it out";
}

}  // namespace

void check_shown(Subject& s, const Value& value, const Record& protocol) {
  const auto& prompt = prompt_of(s, value);
  if (!prompt || !check_templates(s, protocol)) return;
  const row::RowFunction& function = *prompt->function;
  const row::Shown shown = row::shown_by_prompt(function);
  const TypeId row = row_type(s.e.program, field(s.e.program, protocol, "rows"));
  for (size_t i = 0; i < shown.slots.size(); ++i) {
    if (shown.slots[i])
      report_shown(s, protocol, field_of_slot(s.e.program, row, function.slots[i].name));
  }
  for (size_t i = 0; i < shown.columns.size(); ++i) {
    if (shown.columns[i]) report_shown(s, protocol, field_of_column(s, function.columns[i]));
  }
}

}  // namespace rexp::contracts
