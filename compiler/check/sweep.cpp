// Sweeps: which experiment, what varies, and that every line means something.
#include <algorithm>

#include "compiler/check/context.h"

namespace rexp::check {

namespace {

const std::vector<std::string> kFields = {"of", "skip", "repeat", "show"};
const std::vector<std::string> kBlocks = {"grid", "zip", "random"};

struct Axis {
  std::string name;  // the last word of its path
  TypeId type;
  Span span;
  bool whole = false;  // the path has no other
};

/// Experiments and sweeps have nothing that could be set.
std::vector<std::string> settable_names(Checker& c, ModuleId module) {
  std::vector<std::string> known = c.program.names(module);
  std::erase_if(known, [&](const std::string& name) {
    const auto symbol = c.program.lookup(module, name);
    const TypeId type = symbol ? declaration(c, *symbol).type : TypeId{};
    return c.program.is(type, Known::Experiment) || c.program.is(type, Known::Sweep);
  });
  return known;
}

/// The experiment's block and its module; null where there is none of that name.
std::pair<const ast::BlockDecl*, ModuleId> experiment_block(Checker& c, ModuleId module,
                                                            const std::string& name) {
  const auto of = c.program.lookup(module, name);
  if (!of) return {nullptr, module};
  return {std::get_if<ast::BlockDecl>(&c.program.decl(*of).node), of->module};
}

/// What the first word of an axis or of `--set` names: a parameter of the experiment, or a declaration.
std::optional<TypeId> root_type(Checker& c, ModuleId module, const std::string& experiment,
                                const std::vector<ast::Name>& path, size_t* used) {
  *used = 1;
  std::vector<std::string> known = settable_names(c, module);
  const auto [block, home] = experiment_block(c, module, experiment);
  if (block != nullptr) {
    for (const ast::Parameter& p : block->parameters) {
      known.push_back(p.name.text);
      if (p.name.text == path[0].text) return c.program.resolve(home, p.type);
    }
  }
  std::optional<Symbol> symbol = c.program.lookup(module, path[0].text);
  const auto& aliases = c.program.module(module).aliases;
  if (const auto alias = aliases.find(path[0].text);
      !symbol && alias != aliases.end() && path.size() > 1) {
    symbol = c.program.exported(alias->second, path[1].text);
    known = c.program.names(alias->second);
    *used = 2;
    if (!symbol) {
      report(c, Kind::bad_override, path[1].span,
             "nothing named `" + path[1].text + "` can be set" + did_you_mean(path[1].text, known));
      return std::nullopt;
    }
  }
  if (!symbol) {
    report(c, Kind::bad_override, path[0].span,
           "nothing named `" + path[0].text + "` can be set" + did_you_mean(path[0].text, known));
    return std::nullopt;
  }
  return declaration(c, *symbol).type;
}

std::optional<TypeId> axis_type(Checker& c, ModuleId module, const std::string& experiment,
                                const std::vector<ast::Name>& path) {
  size_t used = 1;
  const auto root = root_type(c, module, experiment, path, &used);
  if (!root) return std::nullopt;
  return path_type(c, *root, path, used, Kind::bad_override);
}

void check_axis(Checker& c, const Scope& scope, const std::string& experiment,
                const std::string& block, const ast::Item& line, std::vector<Axis>* axes) {
  const bool draw = line.kind == ast::Item::Kind::axis_draw;
  const bool option = block == "random" && line.kind == ast::Item::Kind::assign &&
                      line.path.size() == 1 && line.path[0].text == "draws";
  if (option) {
    expect(c, scope, line.value, c.scalar(TypeKind::integer), "`draws`");
    return;
  }
  const bool fits = block == "random" ? draw || line.kind == ast::Item::Kind::axis_in
                                      : line.kind == ast::Item::Kind::axis_in;
  if (!fits) {
    report(c, Kind::wrong_type, line.span,
           "`" + block + "` holds lines of the form `path " +
               (block == "random" ? "~ distribution`" : "in [a, b]`"));
    return;
  }
  const auto type = axis_type(c, scope.module, experiment, line.path);
  if (draw) return not_yet(c, "random", line.span, "write the values out: `path in [a, b]`");
  if (!type) {
    infer(c, scope, line.value);
    return;
  }
  const ExprInfo& values = expect(c, scope, line.value, c.types().list(*type),
                                  "the values of `" + line.path.back().text + "`");
  if (!c.types().is_error(values.type))
    axes->push_back({line.path.back().text, *type, line.span, line.path.size() == 1});
}

void check_axes(Checker& c, const Scope& scope, const std::string& experiment,
                const ast::Item& item, std::vector<Axis>* axes) {
  const std::string& block = item.path[0].text;
  if (std::find(kBlocks.begin(), kBlocks.end(), block) == kBlocks.end()) {
    report(c, Kind::unknown_field, item.path[0].span,
           "unknown block `" + block + "` in a sweep" + did_you_mean(block, kBlocks));
    return;
  }
  if (block == "random")
    not_yet(c, "random", item.path[0].span, "write the values out: `grid { path in [a, b] }`");
  size_t length = 0;
  const ast::Item* first = nullptr;
  for (const ast::Item& line : c.tree(scope.module)[item.body].items) {
    check_axis(c, scope, experiment, block, line, axes);
    const auto* list = line.value.valid()
                           ? std::get_if<ast::ListLiteral>(&c.tree(scope.module)[line.value].node)
                           : nullptr;
    if (list == nullptr || block != "zip") continue;
    auto name = [](const ast::Path& path) {
      std::string text;
      for (const ast::Name& part : path) text += (text.empty() ? "" : ".") + part.text;
      return text;
    };
    if (first != nullptr && list->elements.size() != length) {
      auto& error = report(c, Kind::zip_lengths, line.span,
                           "`zip` axes differ in length: `" + name(first->path) + "` has " +
                               std::to_string(length) + " values, `" + name(line.path) + "` has " +
                               std::to_string(list->elements.size()));
      error.secondary.push_back({first->span, std::to_string(length) + " values"});
    }
    if (first == nullptr) first = &line, length = list->elements.size();
  }
}

/// The point of a sweep: the axes and the experiment's parameters, by name.
TypeId point_type(Checker& c, ModuleId module, const std::string& experiment,
                  const std::vector<Axis>& axes) {
  TypeNode node{TypeKind::fields};
  std::set<std::string> seen;
  auto add = [&](const std::string& name, TypeId type) {
    if (!seen.insert(name).second) return;
    node.name += (node.name.empty() ? "" : ",") + name;
    node.arguments.push_back(type);
  };
  for (const Axis& axis : axes) add(axis.name, axis.type);
  const auto [block, home] = experiment_block(c, module, experiment);
  if (block != nullptr) {
    for (const ast::Parameter& p : block->parameters)
      add(p.name.text, c.program.resolve(home, p.type));
  }
  return c.types().make(std::move(node));
}

/// `of = movie_rec`; the name of the experiment, empty after a message.
std::string check_of(Checker& c, const Scope& scope, ast::ExprId value) {
  const auto* ref = std::get_if<ast::NameRef>(&c.tree(scope.module)[value].node);
  const ExprInfo& info = infer(c, scope, value);
  if (c.types().is_error(info.type)) return "";
  if (ref != nullptr && c.program.is(info.type, Known::Experiment)) return ref->name.text;
  report(c, Kind::wrong_type, span_of(c, scope, value),
         "`of` names an experiment, found " + shown(c, info.type, span_of(c, scope, value)));
  return "";
}

/// `repeat = 3 seeds` gives the experiment's seed other values, so there has to be one that is not given any by an axis.
void check_repeat(Checker& c, const Scope& scope, const std::string& experiment,
                  const std::vector<Axis>& axes, const ast::Item& item) {
  const ExprInfo& given = expect(c, scope, item.value, c.scalar(TypeKind::seeds), "`repeat`");
  if (c.types().is_error(given.type)) return;
  const auto [block, home] = experiment_block(c, scope.module, experiment);
  if (block == nullptr) return;
  for (const ast::Parameter& p : block->parameters) {
    if (c.types().kind(c.program.resolve(home, p.type)) != TypeKind::seed) continue;
    const auto axis = std::find_if(axes.begin(), axes.end(),
                                   [&](const Axis& a) { return a.whole && a.name == p.name.text; });
    if (axis == axes.end()) return;
    auto& error =
        report(c, Kind::bad_override, item.span,
               "`repeat` gives `" + p.name.text + "` other values, it is an axis already");
    error.secondary.push_back({axis->span, "the axis"});
    error.help = "leave one of them out";
    return;
  }
  report(c, Kind::bad_override, item.span,
         "`repeat` gives an experiment other seeds, `" + experiment + "` takes none")
      .help = "give it a parameter: `seed: Seed = 7`";
}

/// `skip = r => r.lr > 1e-3`: called for each point, so with constants.
void check_skip(Checker& c, const Scope& scope, ast::ExprId value, TypeId point) {
  const TypeId wanted = c.types().function({point, c.scalar(TypeKind::boolean)});
  if (is_lambda(c, scope, value))
    expect_lambda(c, scope, value, wanted, "`skip`");
  else
    expect(c, scope, value, wanted, "`skip`");
}

/// `show = table(rows = mix, columns = base, cell = accuracy[0])`: axes and outputs by name.
void check_show(Checker& c, const Scope& scope, const std::string& experiment,
                const std::vector<Axis>& axes, ast::ExprId value) {
  Scope inner = scope;
  for (const Axis& axis : axes) inner.names = bind_name(inner.names, axis.name, axis.type, {});
  const auto [block, home] = experiment_block(c, scope.module, experiment);
  const auto* body = block != nullptr ? std::get_if<ast::BodyId>(&block->value) : nullptr;
  if (body != nullptr) {
    for (const ast::Item& item : c.tree(home)[*body].items) {
      if (item.kind == ast::Item::Kind::assign && item.path.size() == 1)
        inner.names =
            bind_name(inner.names, item.path[0].text, c.typed.at(home, item.value).type, {});
    }
  }
  infer(c, inner, value);
}

}  // namespace

void check_sweep(Checker& c, Symbol symbol) {
  const ast::Decl& decl = c.program.decl(symbol);
  const auto& block = std::get<ast::BlockDecl>(decl.node);
  const auto* body = std::get_if<ast::BodyId>(&block.value);
  if (body == nullptr) {
    report(c, Kind::wrong_type, decl.name.span, "a sweep is written with braces");
    return;
  }
  Scope scope{symbol.module, nullptr, nullptr};
  const std::vector<ast::Item>& items = c.tree(symbol.module)[*body].items;
  std::string experiment;
  bool named = false;
  std::vector<Axis> axes;
  std::set<std::string> seen;
  for (const ast::Item& item : items) {
    if (item.kind != ast::Item::Kind::assign || item.path.empty()) continue;
    if (item.path.size() == 1 && !seen.insert(item.path[0].text).second)
      report(c, Kind::duplicate_name, item.path[0].span,
             "`" + item.path[0].text + "` is set twice in sweep `" + decl.name.text + "`");
    if (item.path.size() == 1 && item.path[0].text == "of") {
      named = true;
      experiment = check_of(c, scope, item.value);
    }
  }
  if (!named)
    report(c, Kind::missing_field, decl.name.span,
           "sweep `" + decl.name.text + "` needs `of`, the experiment that it varies");
  for (const ast::Item& item : items) {
    if (item.kind == ast::Item::Kind::let) scope = check_let(c, scope, item.decl);
  }
  if (!experiment.empty()) declaration(c, *c.program.lookup(symbol.module, experiment));
  for (const ast::Item& item : items) {
    if (item.kind == ast::Item::Kind::nested) check_axes(c, scope, experiment, item, &axes);
  }
  for (const ast::Item& item : items) {
    const std::string name = item.path.size() == 1 ? item.path[0].text : "";
    if (item.kind == ast::Item::Kind::nested || item.kind == ast::Item::Kind::let ||
        (item.kind == ast::Item::Kind::assign && name == "of"))
      continue;
    if (item.kind != ast::Item::Kind::assign) {
      report(c, Kind::wrong_type, item.span,
             "a sweep holds `of`, `skip`, `repeat`, `show`, `let` and blocks `grid` and `zip`")
          .help = "an axis stands in a block: `grid { path in [a, b] }`";
    } else if (name == "skip") {
      check_skip(c, scope, item.value, point_type(c, symbol.module, experiment, axes));
    } else if (name == "repeat") {
      check_repeat(c, scope, experiment, axes, item);
    } else if (name == "show") {
      check_show(c, scope, experiment, axes, item.value);
    } else {
      const ast::Name& first = item.path[0];
      report(c, Kind::unknown_field, first.span,
             "unknown field `" + first.text + "` in a sweep" + did_you_mean(first.text, kFields));
      infer(c, scope, item.value);
    }
  }
}

std::string swept_experiment(const Program& program, Symbol sweep) {
  const auto& block = std::get<ast::BlockDecl>(program.decl(sweep).node);
  const auto* body = std::get_if<ast::BodyId>(&block.value);
  if (body == nullptr) return "";
  const ast::Module& tree = program.module(sweep.module).tree;
  for (const ast::Item& item : tree[*body].items) {
    if (item.kind != ast::Item::Kind::assign || item.path.size() != 1) continue;
    if (item.path[0].text != "of") continue;
    const auto* name = std::get_if<ast::NameRef>(&tree[item.value].node);
    return name == nullptr ? "" : name->name.text;
  }
  return "";
}

namespace {

/// A checker for what comes after all declarations were checked.
Checker late_checker(Program& program, Typed& typed) {
  Checker c{program, typed};
  for (Symbol symbol : program.blocks("codebook"))
    c.codebooks[program.decl(symbol).name.text].push_back(symbol);
  for (const auto& [symbol, info] : typed.declarations) c.states[symbol] = Checker::State::done;
  return c;
}

}  // namespace

bool check_path(Program& program, Typed& typed, const std::string& experiment,
                const ast::Path& path) {
  Checker c = late_checker(program, typed);
  return axis_type(c, program.main(), experiment, path).has_value();
}

bool check_assignment(Program& program, Typed& typed, const std::string& experiment,
                      const Assignment& assignment) {
  Checker c = late_checker(program, typed);
  typed.add_module(assignment.module, program.module(assignment.module).tree.expr_nodes.size());
  const auto wanted = axis_type(c, program.main(), experiment, assignment.path);
  if (!wanted) return false;
  const Scope scope{assignment.module, nullptr, nullptr};
  const ExprInfo& info =
      expect(c, scope, assignment.value, *wanted, "`" + assignment.path.back().text + "`");
  return !program.types.is_error(info.type);
}

}  // namespace rexp::check
