// Which value may stand where another type is required. What is converted on the way: an Int to a Float or a Seed, an event to its
// item, a joined row to the row that was joined, one split of a dataset to its windows, a schema's name to the record of its defaults.
#include <algorithm>

#include "compiler/check/program.h"

namespace rexp::check {

namespace {

bool fields_fit(Program& program, const TypeNode& from, const TypeNode& to) {
  return from.name == to.name && from.arguments.size() == to.arguments.size() &&
         std::equal(from.arguments.begin(), from.arguments.end(), to.arguments.begin(),
                    [&](TypeId a, TypeId b) { return program.assignable(a, b); });
}

bool functions_fit(Program& program, const TypeNode& from, const TypeNode& to) {
  if (from.arguments.size() != to.arguments.size()) return false;
  const size_t parameters = from.arguments.size() - 1;
  for (size_t i = 0; i < parameters; ++i) {
    if (!program.assignable(to.arguments[i], from.arguments[i])) return false;
  }
  return program.assignable(from.arguments[parameters], to.arguments[parameters]);
}

bool records_fit(Program& program, TypeId from, TypeId to) {
  const TypeNode& wanted = program.types[to];
  if (program.is(from, Known::Part) && wanted.index == program.known(Known::Rows)) {
    const TypeId window = program.known_type(Known::Window, program.types[from].arguments);
    return program.assignable(window, wanted.arguments[0]);
  }
  const TypeId seen = program.as_base(from, wanted.index);
  if (program.types.kind(seen) == TypeKind::record) {
    const TypeNode& base = program.types[seen];
    return std::equal(base.arguments.begin(), base.arguments.end(), wanted.arguments.begin(),
                      [&](TypeId a, TypeId b) { return program.assignable(a, b); });
  }
  const bool item = program.is(from, Known::Event) && !program.is(to, Known::Event);
  const bool row = program.is(from, Known::Joined) && !program.is(to, Known::Joined);
  return (item || row) && program.assignable(program.types[from].arguments[0], to);
}

}  // namespace

bool Program::assignable(TypeId from, TypeId to) {
  if (from == to) return true;
  const TypeNode& a = types[from];
  const TypeNode& b = types[to];
  if (a.kind == TypeKind::error || b.kind == TypeKind::error) return true;
  if (b.kind == TypeKind::hole || b.kind == TypeKind::variable) return true;
  if (a.kind == TypeKind::variable && bound(from) != from) return assignable(bound(from), to);
  if (a.kind == TypeKind::labelled) return assignable(a.arguments[0], to);
  if (b.kind == TypeKind::labelled) return assignable(from, b.arguments[0]);
  if (a.kind == TypeKind::union_) {
    return std::all_of(a.arguments.begin(), a.arguments.end(),
                       [&](TypeId part) { return assignable(part, to); });
  }
  if (b.kind == TypeKind::union_) {
    return std::any_of(b.arguments.begin(), b.arguments.end(),
                       [&](TypeId part) { return assignable(from, part); });
  }
  if (a.kind == TypeKind::integer) return b.kind == TypeKind::real || b.kind == TypeKind::seed;
  if (a.kind == TypeKind::schema_value && b.kind == TypeKind::record)
    return derives(a.index, b.index);
  if (a.kind == TypeKind::fields && b.kind == TypeKind::map) return true;
  if (a.kind == TypeKind::range && b.kind == TypeKind::list)
    return assignable(a.arguments[0], b.arguments[0]);
  if (a.kind != b.kind) return false;
  switch (a.kind) {
    case TypeKind::list:
    case TypeKind::range: return assignable(a.arguments[0], b.arguments[0]);
    case TypeKind::record: return records_fit(*this, from, to);
    case TypeKind::function: return functions_fit(*this, a, b);
    case TypeKind::fields: return fields_fit(*this, a, b);
    default: return false;
  }
}

std::optional<TypeId> Program::common(TypeId a, TypeId b) {
  if (types.is_error(a) || types.is_error(b)) return types.is_error(a) ? a : b;
  if (types.kind(a) == TypeKind::hole) return b;
  if (assignable(a, b)) return b;
  if (assignable(b, a)) return a;
  const TypeKind ka = types.kind(a), kb = types.kind(b);
  if (ka == TypeKind::none || kb == TypeKind::none) return types.either({a, b});
  if (types.optional(a) || types.optional(b)) {
    const auto inner = common(types.without_none(a), types.without_none(b));
    return inner ? std::optional(types.either({*inner, types.scalar(TypeKind::none)}))
                 : std::nullopt;
  }
  if (ka == TypeKind::list && kb == TypeKind::list) {
    const auto element = common(types[a].arguments[0], types[b].arguments[0]);
    return element ? std::optional(types.list(*element)) : std::nullopt;
  }
  if (is(a, Known::Event)) return common(types[a].arguments[0], b);
  if (is(b, Known::Event)) return common(a, types[b].arguments[0]);
  auto schema_of = [&](TypeId type) {
    const TypeKind kind = types.kind(type);
    return kind == TypeKind::record || kind == TypeKind::schema_value ? types[type].index : -1;
  };
  for (int32_t base = schema_of(a); base >= 0 && schema_of(b) >= 0; base = schema(base).base) {
    if (derives(schema_of(b), base)) return record(base);
  }
  return std::nullopt;
}

}  // namespace rexp::check
