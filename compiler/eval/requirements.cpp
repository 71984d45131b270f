// `require all_tasks.share(next) in 40% .. 48% : "…"`. A failed one shows the values of its parts.
#include "compiler/eval/constructs.h"

namespace rexp::eval {

namespace {

/// A value in its short form; empty for values without one.
std::string short_form(Evaluator& e, const Value& value) {
  const bool plain = number_of(value) || value.as<bool>() != nullptr ||
                     value.as<std::string>() != nullptr || value.as<EnumValue>() != nullptr ||
                     value.as<None>() != nullptr || elements_of(value) != nullptr;
  return plain ? print(e, value) : std::string();
}

}  // namespace

bool check_require(Evaluator& e, const Scope& scope, const ast::RequireDecl& require) {
  const Span span = span_of(e, scope, require.condition);
  const Maybe holds = evaluate(e, scope, require.condition);
  if (!holds) return false;
  const auto* known = holds->as<bool>();
  if (known == nullptr) {
    not_constant(e, "a requirement", *holds, span);
    return false;
  }
  if (*known) return true;
  std::string message = "requirement does not hold";
  if (require.message) {
    const Maybe text = evaluate_text(e, scope, *require.message);
    if (!text) return false;
    if (const auto chars = constant_text(*text)) message += ": " + *chars;
  }
  diagnostics::Diagnostic error{Kind::requirement_fails, message, {span, ""}, {}, ""};
  const auto* binary = std::get_if<ast::Binary>(&tree(e, scope.module)[require.condition].node);
  for (ast::ExprId side :
       binary != nullptr ? std::vector{binary->left, binary->right} : std::vector<ast::ExprId>{}) {
    const Maybe value = evaluate(e, scope, side);
    if (!value) continue;
    const Span at = span_of(e, scope, side);
    const bool range = value->shared<Range>() != nullptr;
    const std::string shown = short_form(e, *value);
    if (!shown.empty() && (range || shown != source_text(e, at)))
      error.secondary.push_back({at, shown});
  }
  e.program.sink.add(std::move(error));
  return false;
}

}  // namespace rexp::eval
