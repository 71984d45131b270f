// [next_film(w.history, w.next) for w in views where w.history.length > 2]
// Over a list it makes a list, over rows a task: the element's template becomes the renderer, the condition a predicate.
#include "compiler/eval/elaborator.h"

namespace rexp::elaborate {
using diagnostics::Kind;

Value Elaborator::eval_comprehension(const Scope& scope, const ast::Comprehension& node,
                                     Span span) {
  const Value source = eval(scope, node.source);
  if (is_error(source)) return source;
  const Span source_span = tree(scope.module)[node.source].span;
  if (node.pattern.size() != 1)
    return not_yet("a pattern of several names in `for`", node.pattern.front().span);
  if (std::optional<RowsValue> rows = as_rows(source, source_span))
    return task_over_rows(scope, node, *rows, span);
  auto inner = [&](const Value& element) {
    return Scope{scope.module, bind(scope.names, node.pattern[0].text, element)};
  };
  if (source.is_unknown() && types().kind(source.type) == TypeKind::rows)
    return unknown(domain("Task"), source.from);
  Value kept = source;
  if (node.where) {
    kept = filter_list(
        source, [&](const Value& element) { return eval(inner(element), *node.where); },
        tree(scope.module)[*node.where].span);
    if (is_error(kept)) return kept;
  }
  return map_list(
      kept, [&](const Value& element) { return eval(inner(element), node.element); }, source_span);
}

Value Elaborator::filtered_rows(const RowsValue& rows,
                                const std::function<Value(const Value&)>& keep, Span span) {
  RowBuilder builder(row::FunctionKind::predicate, "where");
  RowsValue out = rows;
  const bool fine = in_row(builder, [&] {
    add_slots(rows.shape);
    const Value row = row_variable(rows.shape, rows.dataset, rows.split);
    const Value kept = coerce(keep(row), type(TypeKind::boolean), "the condition", span);
    if (is_error(kept) || !check_label(kept, Label::target, "the condition", span, {}))
      return false;
    Node node = graph_.nodes[static_cast<size_t>(rows.node)];
    Kernel kernel{
        "where", datasets_[static_cast<size_t>(rows.dataset)].name, builder.finish(lift(kept)), {}};
    for (
        Kernel& earlier :
        node.kernels) {  // two conditions in a row hold together only as one function; keep it simple
      if (earlier.role == "where") {
        report(Kind::not_available_yet, span,
               "a second condition over the same rows is not available yet")
            .help = "join the conditions with `and`";
        return false;
      }
    }
    node.kernels.push_back(std::move(kernel));
    out.node = graph_.add(std::move(node));
    return true;
  });
  if (!fine) return failed();
  Provenance from;
  from.splits = rows.split == "train"   ? check::kTrain
                : rows.split == "valid" ? check::kValid
                : rows.split == "test"  ? check::kTest
                                        : 0;
  const TypeId item = datasets_[static_cast<size_t>(rows.dataset)].item;
  const TypeId element = rows.shape == RowShape::windows ? types().window(item)
                         : rows.shape == RowShape::items ? item
                                                         : types().list(types().event(item));
  return value(types().rows(element), out, from);
}

Value Elaborator::task_over_rows(const Scope& scope, const ast::Comprehension& node,
                                 const RowsValue& rows, Span span) {
  auto inner = [&](const Value& element) {
    return Scope{scope.module, bind(scope.names, node.pattern[0].text, element)};
  };
  RowsValue source = rows;
  if (node.where) {
    const Value filtered = filtered_rows(
        rows, [&](const Value& row) { return eval(inner(row), *node.where); },
        tree(scope.module)[*node.where].span);
    if (is_error(filtered)) return filtered;
    source = *filtered.as<RowsValue>();
  }
  RowBuilder builder(row::FunctionKind::renderer, "");
  const Span element_span = tree(scope.module)[node.element].span;
  return in_row(builder, [&] {
    add_slots(source.shape);
    const Value row = row_variable(source.shape, source.dataset, source.split);
    const Value made = eval(inner(row), node.element, domain("Example"));
    if (is_error(made)) return made;
    const auto* example = made.shared<ExampleValue>();
    if (example == nullptr) {
      report(Kind::wrong_type, element_span,
             "a task is a template applied to each row, found a " + described(made.type))
          .help = "write `[my_template(…) for " + node.pattern[0].text + " in …]`";
      return failed();
    }
    const ast::Decl& wording = program_.decl(example->template_symbol);
    TaskPart part{
        source.node,       source.dataset,           source.split, builder.finish(example->body),
        wording.name.text, example->template_symbol, element_span};
    part.render.name = wording.name.text;
    TaskValue task{"", {std::move(part)}, span};
    if (!example->trains) {
      auto& error = report(Kind::trains_nothing, wording.name.span, "template trains nothing");
      error.primary.text = "has no trained `assistant` or `document` turn";
      error.secondary.push_back({element_span, "a task trains on it"});
      return failed();
    }
    return task_value(std::move(task));
  });
}

}  // namespace rexp::elaborate
