// [next_film(w.history, w.next) for w in views where w.history.length > 2]
// Over a list it makes a list, over rows a task: the element's template becomes the renderer, the condition a predicate.
#include "compiler/eval/constructs.h"

namespace rexp::eval {

Maybe bind_pattern(Evaluator& e, Scope* scope, const std::vector<ast::Name>& pattern,
                   const Value& element) {
  if (pattern.size() == 1) {
    scope->names = bind_name(scope->names, pattern[0].text, element);
    return element;
  }
  const auto* row = element.shared<RowRecord>();
  const auto* record = element.shared<Record>();
  for (size_t i = 0; i < pattern.size(); ++i) {
    const Value* part = row != nullptr && i < row->fields.size() ? &row->fields[i].second
                        : record != nullptr && i < record->fields.size()
                            ? record->fields[i].value.get()
                            : nullptr;
    if (part == nullptr)
      return fail(
          e, Kind::wrong_type, pattern[i].span,
          std::to_string(pattern.size()) + " names are given for a " + described(e, element));
    scope->names = bind_name(scope->names, pattern[i].text, *part);
  }
  return element;
}

namespace {

/// The rows for which the comprehension's condition holds.
Maybe kept_rows(Evaluator& e, const Scope& scope, const ast::Comprehension& node,
                const Value& rows) {
  if (!node.where) return rows;
  const Span span = span_of(e, scope, *node.where);
  const auto* made = rows.shared<Made>();
  RowFrame frame(e, row::FunctionKind::predicate, "where");
  Scope inner{scope.module, scope.names, &frame.builder};
  const Maybe row = row_of(e, inner, rows, "", span);
  if (!row || !bind_pattern(e, &inner, node.pattern, *row)) return std::nullopt;
  const Maybe kept = evaluate(e, inner, *node.where);
  if (!kept) return std::nullopt;
  const auto kernel = finish_kernel(e, inner, *kept, source_text(e, span), span);
  if (!kernel) return std::nullopt;
  return make(e, e.intrinsics[Intrinsic::rows_where], {rows, Value{*kernel}},
              {scope, span, made->type});
}

Maybe task_over_rows(Evaluator& e, const Scope& scope, const ast::Comprehension& node,
                     const Value& source, const Place& place) {
  const Maybe rows = kept_rows(e, scope, node, source);
  if (!rows) return std::nullopt;
  const Span span = span_of(e, scope, node.element);
  RowFrame frame(e, row::FunctionKind::renderer, "");
  Scope inner{scope.module, scope.names, &frame.builder};
  const Maybe row = row_of(e, inner, *rows, "", span_of(e, scope, node.source));
  if (!row || !bind_pattern(e, &inner, node.pattern, *row)) return std::nullopt;
  const Maybe made = evaluate(e, inner, node.element);
  if (!made) return std::nullopt;
  const auto* example = made->shared<Example>();
  if (example == nullptr)
    return fail(e, Kind::wrong_type, span,
                "a task is a template applied to each row, found a " + described(e, *made),
                "write `[my_template(…) for " + node.pattern[0].text + " in …]`");
  if (!example->trains)
    return fail(e, Kind::trains_nothing, span,
                "`" + names_of(e.program, example->templates) + "` may train nothing",
                "give each of them a trained `assistant` or `document` turn");
  const auto kernel = finish_kernel(e, inner, *made, source_text(e, span), span);
  if (!kernel) return std::nullopt;
  const auto& pointer = std::get<std::shared_ptr<const Made>>(rows->data);
  return shared_value(
      Task{"", {{pointer, kernel->function, example->templates, span}}, place.span});
}

}  // namespace

Maybe evaluate_comprehension(Evaluator& e, const Scope& scope, const ast::Comprehension& node,
                             const Place& place) {
  const Maybe source = evaluate(e, scope, node.source);
  if (!source) return std::nullopt;
  const Span source_span = span_of(e, scope, node.source);
  const Maybe rows = as_rows(e, *source, {scope, source_span, {}});
  if (!rows) return std::nullopt;
  if (rows->shared<Made>() != nullptr) return task_over_rows(e, scope, node, *rows, place);
  auto with_element = [&](ast::ExprId id) {
    return [&, id](const Value& element) -> Maybe {
      Scope inner = scope;
      return bind_pattern(e, &inner, node.pattern, element) ? evaluate(e, inner, id) : std::nullopt;
    };
  };
  Maybe kept = rows;
  if (node.where)
    kept = filter_list(e, scope, *kept, with_element(*node.where), span_of(e, scope, *node.where));
  return kept ? map_list(e, scope, *kept, with_element(node.element), source_span) : std::nullopt;
}

}  // namespace rexp::eval
