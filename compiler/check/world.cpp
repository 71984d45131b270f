// Worlds: what is fixed before the run must not wait for a row or for the run. A function's parameters start as "any world"; a use in
// its body that asks for less becomes part of its signature, so that the caller who breaks it is told.
//
//   fn far(k: Int) -> Metric = hit(k)        far(k: const Int)
//   far(w.history.length)                    R0601: `k` of `far` is fixed before the run
#include <algorithm>

#include "compiler/check/context.h"

namespace rexp::check {

namespace {

bool is_row_record(Program& program, TypeId type) {
  static constexpr Known kRows[] = {Known::Item,   Known::Interaction, Known::User,    Known::Event,
                                    Known::Window, Known::Joined,      Known::Group,   Known::Pair,
                                    Known::Guess,  Known::Sid,         Known::WindowId};
  return std::any_of(std::begin(kRows), std::end(kRows),
                     [&](Known one) { return program.is(type, one); });
}

}  // namespace

bool of_user(const Program& program, Span span) {
  if (span.file < 0) return false;
  for (ModuleId id = 0; id < program.module_count(); ++id) {
    if (program.module(id).tree.file == span.file) return !program.module(id).standard;
  }
  return true;  // the right side of a --set
}

bool is_component(Program& program, TypeId type) {
  if (program.types.kind(type) != TypeKind::record || is_row_record(program, type)) return false;
  for (int32_t id = program.types[type].index; id >= 0; id = program.schema(id).base) {
    if (program.module(program.schema(id).module).standard) return true;
  }
  return false;
}

bool exists_per_row(Program& program, TypeId type) {
  const TypeNode& node = program.types[type];
  auto every = [&] {
    return std::all_of(node.arguments.begin(), node.arguments.end(),
                       [&](TypeId part) { return exists_per_row(program, part); });
  };
  switch (node.kind) {
    case TypeKind::error:
    case TypeKind::hole:
    case TypeKind::none:
    case TypeKind::boolean:
    case TypeKind::integer:
    case TypeKind::real:
    case TypeKind::text:
    case TypeKind::ratio:
    case TypeKind::seed:
    case TypeKind::enum_:
    case TypeKind::range:
    case TypeKind::variable: return true;
    case TypeKind::labelled:
    case TypeKind::union_: return every();
    case TypeKind::list: return program.types.kind(node.arguments[0]) != TypeKind::list && every();
    case TypeKind::record: return program.is(type, Known::Example) || !is_component(program, type);
    default: return false;
  }
}

bool only_per_row(Program& program, TypeId type) {
  const TypeNode& node = program.types[type];
  const bool wraps = node.kind == TypeKind::list || node.kind == TypeKind::labelled;
  if (wraps) return only_per_row(program, node.arguments[0]);
  const TypeId inner = program.types.without_none(type);
  if (inner != type) return only_per_row(program, inner);
  return node.kind == TypeKind::record && is_row_record(program, type);
}

namespace {

/// The source where it is short.
std::string named(Checker& c, Span span) {
  const std::string source = source_text(c, span);
  const bool brief = !source.empty() && source.size() <= 40 && source.find('\n') == source.npos;
  return brief ? "`" + source + "`" : "this value";
}

}  // namespace

bool check_world(Checker& c, const Scope& scope, const Reads& reads, World latest,
                 const std::string& what, Span span, Span demanded, const std::string& found) {
  if (reads.world > latest) {
    auto& error =
        report(c, Kind::not_known_while_compiling, span,
               what + " is fixed before the run; " + (found.empty() ? named(c, span) : found) +
                   " is only known " +
                   (reads.world == World::row ? "per example" : "when the run has counted"));
    if (of_user(c.program, demanded))
      error.secondary.push_back({demanded, "it has to be known here"});
    return false;
  }
  if (scope.frame == nullptr) return true;
  std::vector<SignatureParameter>& parameters = scope.frame->signature.parameters;
  for (size_t i = 0; i < parameters.size() && i < 64; ++i) {
    if ((reads.parameters >> i & 1) == 0 || parameters[i].world <= latest) continue;
    parameters[i].world = latest;
    parameters[i].world_at = span;
  }
  return true;
}

bool check_known(Checker& c, const Scope& scope, const Reads& reads, const std::string& what,
                 Span span) {
  return check_world(c, scope, reads, World::row, what, span);
}

NamesPtr inside_rows(NamesPtr names) {
  Names entry;
  entry.rows = true;
  return bind_name(std::move(names), std::move(entry));
}

}  // namespace rexp::check
