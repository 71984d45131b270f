// The members that the library declares for lists and texts.
#include <algorithm>

#include "compiler/eval/constructs.h"
#include "runtime/abi/row_helpers.h"

namespace rexp::eval {
using row::ExprId;
using row::Op;

namespace {

using Values = std::vector<Value>;

Maybe length_of(Evaluator& e, const Value& value, const Place& place) {
  if (const auto* elements = elements_of(value))
    return Value{static_cast<int64_t>(elements->size())};
  if (const auto* chars = value.as<std::string>()) {
    const RexpText text{chars->data(), static_cast<int64_t>(chars->size())};
    return Value{rexp_rk_text_length(&text)};
  }
  std::optional<ExprId> of;
  if (const Row* list = row_list(value)) {
    if (builder_of(e, place.scope, *list, place.span) == nullptr) return std::nullopt;
    of = list->expr;
  } else {
    of = lift(e, place.scope, value, place.span);
  }
  if (!of) return std::nullopt;
  return row_value(place.scope, place.scope.row->add(Op::length, {row::Kind::integer}, {*of}));
}

bool known_to_be_empty(const Value& list) {
  const auto* elements = elements_of(list);
  return elements != nullptr && elements->empty();
}

/// A list of a row and a number as expressions; a list of events stays one.
std::optional<std::pair<ExprId, ExprId>> list_and_number(Evaluator& e, const Values& a,
                                                         const Place& place) {
  std::optional<ExprId> list;
  if (const Row* row = row_list(a[0])) {
    if (builder_of(e, place.scope, *row, place.span) == nullptr) return std::nullopt;
    list = row->expr;
  } else {
    list = lift(e, place.scope, a[0], place.span);
  }
  const auto number = list ? lift(e, place.scope, a[1], place.span) : std::nullopt;
  if (!number) return std::nullopt;
  return std::pair(*list, *number);
}

/// What is left of a list of a row after an operation that keeps the kind of its elements.
Value like(const Place& place, const Value& list, ExprId expr) {
  Row out{place.scope.row, expr, -1, false};
  if (const Row* row = row_list(list)) {
    out.table = row->table;
    out.items = row->items;
  } else if (const auto* elements = elements_of(list); elements != nullptr && !elements->empty()) {
    if (const auto* first = (*elements)[0].as<Row>()) out.table = first->table;
  }
  return Value{out};
}

Maybe take(Evaluator& e, const Values& a, bool last, const Place& place) {
  const auto* elements = elements_of(a[0]);
  const auto* n = a[1].as<int64_t>();
  if (elements != nullptr && n != nullptr) {
    const size_t size = elements->size();
    const size_t kept = std::min(size, static_cast<size_t>(std::max<int64_t>(*n, 0)));
    const auto begin = elements->begin() + static_cast<std::ptrdiff_t>(last ? size - kept : 0);
    return list_value(Values(begin, begin + static_cast<std::ptrdiff_t>(kept)));
  }
  if (known_to_be_empty(a[0])) return a[0];
  const auto parts = list_and_number(e, a, place);
  if (!parts) return std::nullopt;
  row::RowBuilder& builder = *place.scope.row;
  return like(place, a[0],
              builder.add(last ? Op::last : Op::first, builder.type(parts->first),
                          {parts->first, parts->second}));
}

/// The n most frequent of a list that is known: of equals the one seen first.
Value most_common_known(Evaluator& e, const Values& elements, int64_t n) {
  std::vector<std::pair<const Value*, int64_t>> counts;
  for (const Value& one : elements) {
    auto at = std::find_if(counts.begin(), counts.end(),
                           [&](const auto& entry) { return equal(e, *entry.first, one); });
    if (at == counts.end()) at = counts.insert(counts.end(), {&one, 0});
    ++at->second;
  }
  std::stable_sort(counts.begin(), counts.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  Values out;
  for (const auto& [value, count] : counts) {
    if (static_cast<int64_t>(out.size()) < n) out.push_back(*value);
  }
  return list_value(std::move(out));
}

}  // namespace

namespace intrinsic {

Maybe list_length(Evaluator& e, Values& a, const Place& place) { return length_of(e, a[0], place); }
Maybe list_count(Evaluator& e, Values& a, const Place& place) { return length_of(e, a[0], place); }
Maybe text_length(Evaluator& e, Values& a, const Place& place) { return length_of(e, a[0], place); }
Maybe list_first(Evaluator& e, Values& a, const Place& place) { return take(e, a, false, place); }
Maybe list_last(Evaluator& e, Values& a, const Place& place) { return take(e, a, true, place); }

Maybe list_map(Evaluator& e, Values& a, const Place& place) {
  return map_list(
      e, place.scope, a[0],
      [&](const Value& one) { return call(e, a[1], {one}, place.scope, place.span); }, place.span);
}

Maybe list_where(Evaluator& e, Values& a, const Place& place) {
  return filter_list(
      e, place.scope, a[0],
      [&](const Value& one) { return call(e, a[1], {one}, place.scope, place.span); }, place.span);
}

Maybe list_flat_map(Evaluator& e, Values& a, const Place& place) {
  if (const auto* elements = elements_of(a[0])) {
    Values out;
    for (const Value& one : *elements) {
      const Maybe part = call(e, a[1], {one}, place.scope, place.span);
      if (!part) return std::nullopt;
      const auto* inner = elements_of(*part);
      if (inner == nullptr) {  // the row decides: a list of the row function
        const auto list = lift(e, place.scope, a[0], place.span);
        if (!list) return std::nullopt;
        Values again = {row_value(place.scope, *list), a[1]};
        return list_flat_map(e, again, place);
      }
      if (!spend(e, place.span, inner->size())) return std::nullopt;
      out.insert(out.end(), inner->begin(), inner->end());
    }
    return list_value(std::move(out));
  }
  const Row* list = row_list(a[0]);
  if (list == nullptr || builder_of(e, place.scope, *list, place.span) == nullptr)
    return std::nullopt;
  row::RowBuilder& builder = *place.scope.row;
  const int64_t var = builder.variable();
  const Maybe part = call(e, a[1], {element_of(place.scope, *list, var)}, place.scope, place.span);
  if (part && known_to_be_empty(*part)) return part;
  const auto inner = part ? lift(e, place.scope, *part, place.span) : std::nullopt;
  if (!inner) return std::nullopt;
  const auto* row = part->as<Row>();
  return row_value(place.scope,
                   builder.add(Op::flat_map, builder.type(*inner), {list->expr, *inner}, var),
                   row == nullptr ? -1 : row->table);
}

Maybe list_contains(Evaluator& e, Values& a, const Place& place) {
  return contains(e, place.scope, a[0], a[1], place.span);
}

Maybe list_most_common(Evaluator& e, Values& a, const Place& place) {
  const auto* elements = elements_of(a[0]);
  const auto* n = a[1].as<int64_t>();
  if (elements != nullptr && n != nullptr && !reads_row(a[0]))
    return most_common_known(e, *elements, *n);
  if (known_to_be_empty(a[0])) return a[0];
  const auto list = lift(e, place.scope, a[0], place.span);
  const auto number = list ? lift(e, place.scope, a[1], place.span) : std::nullopt;
  if (!number) return std::nullopt;
  row::RowBuilder& builder = *place.scope.row;
  Value out =
      like(place, a[0], builder.add(Op::most_common, builder.type(*list), {*list, *number}));
  std::get<Row>(out.data).items = false;
  return out;
}

Maybe list_sample(Evaluator& e, Values& a, const Place& place) {
  if (place.scope.row == nullptr)
    return fail(e, Kind::not_in_row_function, place.span,
                "`sample` draws for every example, there is no row here");
  if (known_to_be_empty(a[0])) return a[0];
  const auto parts = list_and_number(e, a, place);
  if (!parts) return std::nullopt;
  row::RowBuilder& builder = *place.scope.row;
  return like(place, a[0],
              builder.add(Op::sample, builder.type(parts->first), {parts->first, parts->second},
                          builder.variable()));
}

}  // namespace intrinsic

}  // namespace rexp::eval
