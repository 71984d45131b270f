// Where a value meets the type that is wanted: the conversions that lose nothing. check has made sure that one of them fits.
#include <algorithm>

#include "compiler/eval/constructs.h"

namespace rexp::eval {

namespace {

bool is_rows_type(Evaluator& e, TypeId type) {
  const check::TypeNode& node = e.program.types[type];
  return node.kind == TypeKind::record && node.index == e.program.known(Known::Rows);
}

bool is_item_type(Evaluator& e, TypeId type) {
  return e.program.is(type, Known::Item) && !e.program.is(type, Known::Event);
}

row::Kind kind_of(const Value& value) {
  const auto* row = value.as<Row>();
  return row == nullptr ? row::Kind::none : row->builder->type(row->expr).kind;
}

bool whole(const Value& value) {
  return value.as<int64_t>() != nullptr || kind_of(value) == row::Kind::integer;
}

/// How well a value fits an alternative of a union: 2 as it is, 1 converted, 0 not.
int fits(Evaluator& e, const Value& value, TypeId type) {
  const check::TypeNode node = e.program.types[type];
  switch (node.kind) {
    case TypeKind::none: return value.as<None>() != nullptr ? 2 : 0;
    case TypeKind::boolean:
      return value.as<bool>() != nullptr || kind_of(value) == row::Kind::boolean ? 2 : 0;
    case TypeKind::integer: return whole(value) ? 2 : 0;
    case TypeKind::seed: return whole(value) ? 1 : 0;
    case TypeKind::real:
      if (value.as<double>() != nullptr || kind_of(value) == row::Kind::real) return 2;
      return whole(value) ? 1 : 0;
    case TypeKind::text:
      return value.as<std::string>() != nullptr || kind_of(value) == row::Kind::text ? 2 : 0;
    case TypeKind::enum_: {
      const auto* name = value.as<EnumValue>();
      return name != nullptr && name->enumeration == node.index ? 2 : 0;
    }
    case TypeKind::list:
      if (value.shared<Range>() != nullptr) return 1;
      return elements_of(value) != nullptr || row_list(value) != nullptr ? 2 : 0;
    case TypeKind::function:
      return value.shared<Closure>() != nullptr || value.shared<Partial>() != nullptr ? 2 : 0;
    case TypeKind::record: {
      if (const auto* record = value.shared<Record>())
        return e.program.derives(e.program.types[record->type].index, node.index) ? 2 : 0;
      if (const auto* schema = value.as<SchemaName>())
        return e.program.derives(schema->schema, node.index) ? 1 : 0;
      if (const auto* made = value.shared<Made>()) {
        if (e.program.types.kind(made->type) == TypeKind::record &&
            e.program.derives(e.program.types[made->type].index, node.index))
          return 2;
        return is_rows_type(e, type) && e.program.is(made->type, Known::Part) ? 1 : 0;
      }
      if (value.as<Callable>() != nullptr) return 1;
      return kind_of(value) == row::Kind::event && is_item_type(e, type) ? 1 : 0;
    }
    default: {
      const auto* amount = value.as<Amount>();
      return amount != nullptr && amount->unit == node.kind ? 2 : 0;
    }
  }
}

Maybe convert_to_alternative(Evaluator& e, Value value, const std::vector<TypeId>& alternatives,
                             const Place& place) {
  TypeId best{};
  int how = 0;
  for (TypeId part : alternatives) {
    const int fit = fits(e, value, part);
    if (fit > how) best = part, how = fit;
  }
  return how == 0 ? Maybe(std::move(value)) : convert(e, std::move(value), best, place);
}

Maybe convert_elements(Evaluator& e, const Value& value, TypeId element, const Place& place) {
  const TypeKind inner_kind = e.program.types.kind(element);
  const bool flattens = inner_kind != TypeKind::list && inner_kind != TypeKind::union_ &&
                        inner_kind != TypeKind::hole && inner_kind != TypeKind::variable;
  std::vector<Value> out;
  for (const Value& one : value.shared<List>()->elements) {
    const auto* inner = flattens ? elements_of(one) : nullptr;  // [hit@[1, 5], ndcg@10]
    for (const Value& each : inner != nullptr ? *inner : std::vector<Value>{one}) {
      Maybe converted = convert(e, each, element, place);
      if (!converted) return std::nullopt;
      out.push_back(std::move(*converted));
    }
  }
  return list_value(std::move(out));
}

/// The same of a list that no row has to do with: what is shared stays shared.
Maybe convert_known(Evaluator& e, const Value& value, TypeId element, const Place& place) {
  const std::pair<const void*, int32_t> key(value.shared<List>(), element.index);
  if (const auto at = e.converted.find(key); at != e.converted.end()) return at->second.second;
  Maybe out = convert_elements(e, value, element, place);
  if (out) e.converted.emplace(key, std::pair(value, *out));
  return out;
}

Maybe convert_list(Evaluator& e, Value value, TypeId element, const Place& place) {
  if (const auto* range = value.shared<Range>())
    return convert_list(e, list_value(range->ends), element, place);
  if (const auto* row = row_list(value)) {
    const row::Kind held = row->builder->type(row->expr).element;
    if (held == row::Kind::event && is_item_type(e, element)) {
      Row items = *row;
      items.items = true;
      return Value{items};
    }
    if (held != row::Kind::integer || e.program.types.kind(element) != TypeKind::real) return value;
    return map_list(
        e, place.scope, value, [&](const Value& one) { return convert(e, one, element, place); },
        place.span);
  }
  if (value.shared<List>() == nullptr) return value;
  return value.shared<List>()->row ? convert_elements(e, value, element, place)
                                   : convert_known(e, value, element, place);
}

Maybe convert_record(Evaluator& e, Value value, TypeId wanted, const Place& place) {
  if (const auto* schema = value.as<SchemaName>())
    return record_of_defaults(e, schema->schema, place);
  if (value.as<Callable>() != nullptr) {
    Maybe made = apply(e, value, {}, place);
    return made ? convert(e, std::move(*made), wanted, place) : std::nullopt;
  }
  if (is_rows_type(e, wanted)) return as_rows(e, value, place);
  const auto* joined = value.shared<RowRecord>();
  if (joined != nullptr && e.program.is(joined->type, Known::Joined) &&
      !e.program.is(wanted, Known::Joined))
    return convert(e, joined->fields[0].second, wanted, place);
  if (kind_of(value) == row::Kind::event && is_item_type(e, wanted)) {
    const Row row = *value.as<Row>();
    if (builder_of(e, place.scope, row, place.span) == nullptr) return std::nullopt;
    return row_value(place.scope, item_of(place.scope, row.expr, row.table), row.table);
  }
  return value;
}

Maybe convert_real(Evaluator& e, Value value, const Place& place) {
  if (const auto* number = value.as<int64_t>()) return Value{static_cast<double>(*number)};
  const auto* row = value.as<Row>();
  if (row == nullptr || kind_of(value) != row::Kind::integer) return value;
  row::RowBuilder* builder = builder_of(e, place.scope, *row, place.span);
  if (builder == nullptr) return std::nullopt;
  return row_value(place.scope, builder->add(row::Op::to_real, {row::Kind::real}, {row->expr}));
}

}  // namespace

Maybe as_rows(Evaluator& e, const Value& value, const Place& place) {
  const auto* made = value.shared<Made>();
  if (made == nullptr || !e.program.is(made->type, Known::Part)) return value;
  const Symbol windows = e.intrinsics[Intrinsic::part_windows];
  const TypeId window = e.program.known_type(Known::Window, e.program.types[made->type].arguments);
  const TypeId rows = e.program.known_type(Known::Rows, {window});
  return apply(e, shared_value(Method{std::make_shared<const Value>(value), windows}), {},
               {place.scope, place.span, rows});
}

Maybe convert(Evaluator& e, Value value, TypeId wanted, const Place& place) {
  const check::TypeNode& node = e.program.types[wanted];
  if (const auto* optional = value.shared<RowOptional>()) {
    if (e.program.types.optional(wanted) || node.kind == TypeKind::hole) return value;
    return convert(e, *optional->value, wanted, place);
  }
  switch (node.kind) {
    case TypeKind::labelled: return convert(e, std::move(value), node.arguments[0], place);
    case TypeKind::union_:
      return convert_to_alternative(e, std::move(value), node.arguments, place);
    case TypeKind::real: return convert_real(e, std::move(value), place);
    case TypeKind::list: return convert_list(e, std::move(value), node.arguments[0], place);
    case TypeKind::record: return convert_record(e, std::move(value), wanted, place);
    default: return value;
  }
}

}  // namespace rexp::eval
