// Lists, known while compiling or read per example: both kinds have the same members.
#include <algorithm>

#include "compiler/eval/constructs.h"

namespace rexp::eval {
using row::ExprId;
using row::Op;

const std::vector<Value>* elements_of(const Value& value) {
  if (const auto* list = value.shared<List>()) return &list->elements;
  if (const auto* range = value.shared<Range>()) return &range->ends;
  return nullptr;
}

const Row* row_list(const Value& value) {
  const auto* row = value.as<Row>();
  return row != nullptr && row->builder->type(row->expr).kind == row::Kind::list ? row : nullptr;
}

namespace {

const Row* list_here(Evaluator& e, const Scope& scope, const Value& value, Span span) {
  const Row* list = row_list(value);
  if (list == nullptr) {
    fail(e, Kind::wrong_type, span, "a list is required here, found a " + described(e, value));
    return nullptr;
  }
  return builder_of(e, scope, *list, span) == nullptr ? nullptr : list;
}

}  // namespace

Maybe evaluate_list(Evaluator& e, const Scope& scope, const ast::ListLiteral& list) {
  std::vector<Value> elements;
  for (ast::ExprId id : list.elements) {
    Maybe value = evaluate(e, scope, id);
    if (!value) return std::nullopt;
    elements.push_back(std::move(*value));
  }
  return list_value(std::move(elements));
}

Maybe evaluate_index(Evaluator& e, const Scope& scope, const ast::IndexRef& node, Span span) {
  const Maybe object = evaluate(e, scope, node.object);
  const Maybe index = object ? evaluate(e, scope, node.index) : std::nullopt;
  if (!index) return std::nullopt;
  const auto* elements = elements_of(*object);
  const auto* position = index->as<int64_t>();
  if (elements == nullptr)
    return fail(e, Kind::not_known_while_compiling, span,
                "found a " + described(e, *object) +
                    ", only a list that is known while compiling has an index");
  if (position == nullptr)
    return fail(e, Kind::not_known_while_compiling, span,
                "the index of a list has to be known while compiling");
  if (*position < 0 || *position >= static_cast<int64_t>(elements->size()))
    return fail(e, Kind::condition_fails, span_of(e, scope, node.index),
                "index " + std::to_string(*position) + " is outside a list of " +
                    std::to_string(elements->size()));
  return (*elements)[static_cast<size_t>(*position)];
}

Maybe map_list(Evaluator& e, const Scope& scope, const Value& source, const Each& body, Span span) {
  if (const auto* elements = elements_of(source)) {
    std::vector<Value> out;
    for (const Value& one : *elements) {
      Maybe value = body(one);
      if (!value) return std::nullopt;
      out.push_back(std::move(*value));
    }
    return list_value(std::move(out));
  }
  const Row* list = list_here(e, scope, source, span);
  if (list == nullptr) return std::nullopt;
  const int64_t var = scope.row->variable();
  const Maybe element = body(element_of(scope, *list, var));
  if (!element) return std::nullopt;
  const bool nested = elements_of(*element) != nullptr || row_list(*element) != nullptr;
  const bool record =
      element->shared<Record>() != nullptr || element->shared<RowRecord>() != nullptr;
  if (nested || record)
    return fail(e, Kind::not_in_row_function, span,
                nested ? "this is a list of lists, which does not exist per example"
                       : "a list of " + described(e, *element) + " does not exist per example",
                nested ? "`flat_map` makes one list of all" : "");
  const std::optional<ExprId> inner = lift(e, scope, *element, span);
  if (!inner) return std::nullopt;
  const row::Type type{row::Kind::list, scope.row->type(*inner).kind};
  const auto* row = element->as<Row>();
  return row_value(scope, scope.row->add(Op::map, type, {list->expr, *inner}, var),
                   row == nullptr ? -1 : row->table);
}

Maybe filter_list(Evaluator& e, const Scope& scope, const Value& source, const Each& keep,
                  Span span) {
  if (const auto* elements = elements_of(source)) {
    std::vector<Value> out;
    for (const Value& one : *elements) {
      const Maybe kept = keep(one);
      if (!kept) return std::nullopt;
      const auto* yes = kept->as<bool>();
      if (yes == nullptr && !counted(e, *kept)) {  // the row decides: a list of the row function
        const auto list = lift(e, scope, source, span);
        return list ? filter_list(e, scope, row_value(scope, *list), keep, span) : std::nullopt;
      }
      if (yes == nullptr) return not_constant(e, "the condition", *kept, span);
      if (*yes) out.push_back(one);
    }
    return list_value(std::move(out));
  }
  const Row* list = list_here(e, scope, source, span);
  if (list == nullptr) return std::nullopt;
  const int64_t var = scope.row->variable();
  const Maybe kept = keep(element_of(scope, *list, var));
  const auto test = kept ? lift(e, scope, *kept, span) : std::nullopt;
  if (!test) return std::nullopt;
  Row out = *list;
  out.expr = scope.row->add(Op::filter, scope.row->type(list->expr), {list->expr, *test}, var);
  return Value{out};
}

Maybe contains(Evaluator& e, const Scope& scope, const Value& hay, const Value& needle, Span span) {
  const auto* elements = elements_of(hay);
  if (elements != nullptr && elements->empty()) return Value{false};
  if (elements != nullptr && !reads_row(needle) && !reads_row(hay)) {
    return Value{std::any_of(elements->begin(), elements->end(),
                             [&](const Value& one) { return equal(e, one, needle); })};
  }
  const auto items = lift(e, scope, hay, span);
  auto wanted = items ? lift(e, scope, needle, span) : std::nullopt;
  if (!wanted) return std::nullopt;
  ExprId list = *items;
  const row::Type held{scope.row->type(list).element};
  const row::Kind kind = scope.row->type(*wanted).kind;
  if (held.kind == row::Kind::event && kind == row::Kind::item) {  // a film among events: by item
    Row view = *hay.as<Row>();
    view.items = true;
    const auto mapped = lift(e, scope, Value{view}, span);
    if (!mapped) return std::nullopt;
    list = *mapped;
  } else if (held.kind == row::Kind::item && kind == row::Kind::event) {
    wanted = item_of(scope, *wanted, needle.as<Row>()->table);
  } else if (held.kind == row::Kind::real && kind == row::Kind::integer) {
    wanted = scope.row->add(Op::to_real, held, {*wanted});
  } else if (held.kind == row::Kind::integer && kind == row::Kind::real) {
    const int64_t var = scope.row->variable();
    const ExprId element = scope.row->add(Op::var, held, {}, var);
    const ExprId real = scope.row->add(Op::to_real, {row::Kind::real}, {element});
    list = scope.row->add(Op::map, {row::Kind::list, row::Kind::real}, {list, real}, var);
  }
  return row_value(scope, scope.row->add(Op::contains, {row::Kind::boolean}, {list, *wanted}));
}

}  // namespace rexp::eval
