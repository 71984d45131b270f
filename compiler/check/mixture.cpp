// Mixtures: the one open record. Its fields are tasks, their values whole copies (3x) or shares (44%).
#include "compiler/check/context.h"

namespace rexp::check {

void check_mixture(Checker& c, const Scope& scope, ast::BodyId body) {
  const TypeId weight = c.types().either({c.scalar(TypeKind::copies), c.scalar(TypeKind::ratio)});
  const TypeId task = c.program.known_type(Known::Task);
  std::set<std::string> seen;
  auto weigh = [&](TypeId wanted, const ast::Item& item) {
    const std::string what = "`" + item.path[0].text + "`";
    const Reads reads = expect(c, scope, item.value, wanted, what).reads;
    check_world(c, scope, reads, World::constant, what, span_of(c, scope, item.value));
  };
  for (const ast::Item& item : c.tree(scope.module)[body].items) {
    if (item.kind != ast::Item::Kind::assign || item.path.size() != 1) {
      report(c, Kind::wrong_type, item.span,
             "a mixture holds lines of the form `task = 3x` or `task = 44%`");
      continue;
    }
    const ast::Name& name = item.path[0];
    if (!seen.insert(name.text).second)
      report(c, Kind::duplicate_name, name.span,
             "task `" + name.text + "` is in the mixture twice");
    const bool known = find(scope.names, name.text) != nullptr ||
                       c.program.lookup(scope.module, name.text).has_value();
    if (name.text == "total" && !known) {
      weigh(c.scalar(TypeKind::row_count), item);
      continue;
    }
    ExprInfo named;
    check_name(c, scope, ast::NameRef{name}, name.span, task, &named);
    if (!c.types().is_error(named.type) && !c.program.is(named.type, Known::Task))
      report(c, Kind::wrong_type, name.span,
             "a mixture is made of tasks, `" + name.text + "` is " + a_described(c, named.type));
    weigh(weight, item);
  }
}

}  // namespace rexp::check
