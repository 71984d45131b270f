#include "compiler/contracts/questions.h"

#include "compiler/check/arguments.h"
#include "compiler/row/turns.h"

namespace rexp::contracts {
using check::Label;
using check::ModuleId;
using check::Symbol;
using check::Target;
using diagnostics::Kind;

Span ask_span(Program& program, const Record& protocol) {
  return field_span(program, protocol, "ask");
}

TypeId row_type(Program& program, const Value& rows) {
  TypeId type = program.as_base(type_of(rows), program.known(Known::Rows));
  const std::vector<TypeId>& arguments = program.types[type].arguments;
  if (arguments.empty()) return {};
  const check::TypeNode& row = program.types[arguments[0]];
  return row.kind == check::TypeKind::labelled ? row.arguments[0] : arguments[0];
}

bool has_next(Program& program, TypeId row) {
  if (program.is(row, Known::Window)) return true;
  if (!program.is(row, Known::Joined)) return false;
  const std::vector<TypeId> sides = program.types[row].arguments;
  return !sides.empty() && has_next(program, sides[0]);
}

// ---- prompts --------------------------------------------------------------------------------------------------------------

namespace {

/// A template that is filled from the row: its history and its next event. Parameters that take facts of the catalogue only are
/// not filled with either.
bool check_filled(Program& program, const eval::TemplateRef& wording, TypeId row, Span asked_at) {
  const check::Schema& window = program.schema(program.known(Known::Window));
  const auto& declared = std::get<ast::TemplateDecl>(program.decl(wording.symbol).node);
  const TypeId seen = program.as_base(row, program.known(Known::Window));
  for (const ast::Parameter& p : declared.parameters) {
    const TypeId wanted = program.resolve(wording.symbol.module, p.type);
    const Label bound = program.label(wording.symbol.module, p.type);
    if (bound != Label::static_ || program.types.is_error(seen)) continue;
    for (const check::Field& field : window.fields) {
      if (field.label == Label::static_) continue;
      if (!program.assignable(program.field_type(seen, field), wanted)) continue;
      auto& error = program.sink.add(Kind::label_too_high, asked_at,
                                     "`" + p.name.text + "` takes `static` data, found `" +
                                         check::name_of(field.label) + "` data");
      point_at(program, error, p.name.span, "declared here");
      error.help =
          "declare it `" + std::string(check::name_of(field.label)) + "` if it may read that";
      return false;
    }
  }
  return true;
}

}  // namespace

std::optional<eval::Kernel> make_prompt(Evaluator& e, const Record& protocol) {
  Program& program = e.program;
  const Value& rows = field(program, protocol, "rows");
  const auto* wording = field(program, protocol, "ask").as<eval::TemplateRef>();
  if (wording != nullptr &&
      !check_filled(program, *wording, row_type(program, rows), ask_span(program, protocol)))
    return std::nullopt;
  const TypeId asked =
      program.types.function({row_type(program, rows), program.known_type(Known::Example)});
  return eval::make_kernel(e, field(program, protocol, "ask"), asked, {rows}, "prompt",
                           ask_span(program, protocol));
}

const std::optional<eval::Kernel>& prompt_of(Subject& s, const Value& protocol) {
  const std::string key = eval::print(s.e, protocol, /*canonical=*/true);
  const auto at = s.prompts.find(key);
  if (at != s.prompts.end()) return at->second;
  return s.prompts[key] = make_prompt(s.e, *protocol.shared<Record>());
}

std::optional<int32_t> answered_codebook(const row::RowFunction& prompt) {
  const row::Turns turns = row::look_at_turns(prompt);
  if (!turns.any_assistant || turns.answers_last || !turns.answers_always) return std::nullopt;
  if (turns.first_codebook < 0) return std::nullopt;
  return prompt.codebooks[static_cast<size_t>(turns.first_codebook)];
}

std::optional<int32_t> legal_codebook(Subject& s, const Record& protocol) {
  const auto* decoder = field(s.e.program, protocol, "decode").shared<Record>();
  const Value* within = decoder == nullptr ? nullptr : find_field(s.e.program, *decoder, "within");
  if (within == nullptr) return std::nullopt;
  std::optional<int32_t> found;
  Walk walk([&](const Value& inner) {
    const auto* made = inner.shared<Made>();
    if (made != nullptr && is(s.e, *made, Intrinsic::codebook_legal))
      found = table_id(s.e, receiver(*made));
  });
  walk(*within);
  return found;
}

// ---- what a question shows -------------------------------------------------------------------------------------------------

namespace {

/// Follows an expression to the templates that it applies, and asks for each what it would show.
class Shown {
 public:
  Shown(Subject& s, Span fallback) : s_(s), program_(s.e.program), fallback_(fallback) {}

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
    check::check_question(program_, s_.typed, target.symbol, variant,
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
};

}  // namespace

void check_shown(Subject& s, const Record& protocol) {
  const Value& ask = field(s.e.program, protocol, "ask");
  const Span span = ask_span(s.e.program, protocol);
  if (const auto* wording = ask.as<eval::TemplateRef>()) {
    const auto& declared = std::get<ast::TemplateDecl>(s.e.program.decl(wording->symbol).node);
    std::vector<Label> labels;
    for (const ast::Parameter& p : declared.parameters)
      labels.push_back(s.e.program.label(wording->symbol.module, p.type));
    check::check_question(s.e.program, s.typed, wording->symbol, wording->variant, labels, span);
  } else if (const auto* closure = ask.shared<eval::Closure>()) {
    Shown(s, span).look(closure->module, closure->body);
  }
}

}  // namespace rexp::contracts
