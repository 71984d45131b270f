// Experiments and sweeps: the outermost functions. An experiment is evaluated once per point, with its parameters in place.
#include <algorithm>

#include "compiler/eval/elaborator.h"
#include "compiler/eval/show.h"

namespace rexp::elaborate {
using diagnostics::Kind;

void Elaborator::collect_nodes(const Value& v, std::vector<NodeId>* nodes) const {
  auto add = [&](NodeId id) {
    if (std::find(nodes->begin(), nodes->end(), id) == nodes->end()) nodes->push_back(id);
  };
  if (const auto* scores = v.as<ScoresValue>()) add(scores->node);
  if (const auto* system = v.as<SystemValue>()) add(system->node);
  if (const auto* model = v.shared<ModelValue>()) add(model->node);
  if (const auto* vectors = v.as<VectorsValue>()) add(vectors->node);
  if (const auto* rows = v.as<RowsValue>()) add(rows->node);
  if (const auto* list = v.shared<ListValue>()) {
    for (const Value& element : list->elements) collect_nodes(element, nodes);
  }
}

NodeId Elaborator::make_report(const ExperimentResult& result) {
  Node node;
  node.name = result.name;
  node.kind = "report";
  node.args = {{"experiment", result.name}, {"outputs", nlohmann::json::array()}};
  for (const auto& [name, v] : result.outputs) {
    std::vector<NodeId> nodes;
    collect_nodes(v, &nodes);
    nlohmann::json places = nlohmann::json::array();
    for (NodeId id : nodes) {
      auto at = std::find(node.inputs.begin(), node.inputs.end(), id);
      if (at == node.inputs.end()) at = node.inputs.insert(node.inputs.end(), id);
      places.push_back(at - node.inputs.begin());
    }
    node.args["outputs"].push_back({{"name", name}, {"inputs", places}});
  }
  return graph_.add(std::move(node));
}

std::optional<ExperimentResult> Elaborator::elaborate_experiment(Symbol symbol,
                                                                 const ast::Decl& decl,
                                                                 const ast::BlockDecl& block,
                                                                 bool run) {
  const size_t errors = program_.sink.size();
  const auto* body_id = std::get_if<ast::BodyId>(&block.value);
  if (body_id == nullptr) {
    report(Kind::wrong_type, decl.name.span, "an experiment is written with braces");
    return std::nullopt;
  }
  ExperimentResult result;
  result.name = decl.name.text;
  EnvironmentPtr names;
  uint64_t seed = settings_.package_seed;
  for (const ast::Parameter& p : block.parameters) {
    const TypeId expected = program_.resolve(symbol.module, p.type);
    Value v = unknown(expected);
    if (p.initial)
      v = coerce(eval(Scope{symbol.module, nullptr}, *p.initial, expected), expected,
                 "`" + p.name.text + "`", tree(symbol.module)[*p.initial].span);
    for (const auto& [name, assignment] : parameter_assignments_) {
      if (name != p.name.text) continue;
      if (assignment.path.size() > 1) {
        v = update(v, assignment.path, 1, assignment);
      } else {
        v = coerce(eval(Scope{assignment.module, nullptr}, assignment.value, expected), expected,
                   "`" + name + "`", tree(assignment.module)[assignment.value].span);
      }
    }
    if (v.is_unknown() && run) {
      report(Kind::missing_field, p.name.span,
             "experiment `" + result.name + "` needs a value for `" + p.name.text + "`")
          .help = "give it a default, or pass `--set " + p.name.text + "=…`";
      return std::nullopt;
    }
    if (types().kind(expected) == TypeKind::seed && v.as<int64_t>() != nullptr)
      seed = static_cast<uint64_t>(*v.as<int64_t>());
    names = bind(names, p.name.text, v);
    result.parameters.emplace_back(p.name.text, v);
  }
  experiment_ = result.name;
  seed_ = seed;
  const std::vector<ast::Item> items = tree(symbol.module)[*body_id].items;
  for (const ast::Item& item : items) {
    const Scope scope{symbol.module, names};
    if (item.kind == ast::Item::Kind::let) {
      const ast::Decl& local = tree(symbol.module)[item.decl];
      const auto* let = std::get_if<ast::LetDecl>(&local.node);
      if (let == nullptr) continue;
      const TypeId expected = let->type ? program_.resolve(symbol.module, *let->type) : any();
      names = bind(names, local.name.text,
                   coerce(eval(scope, let->value, expected), expected, "`" + local.name.text + "`",
                          tree(symbol.module)[let->value].span));
    } else if (item.kind == ast::Item::Kind::require) {
      const ast::Decl& local = tree(symbol.module)[item.decl];
      if (const auto* require = std::get_if<ast::RequireDecl>(&local.node))
        check_require(symbol.module, *require, names);
    } else if (item.kind == ast::Item::Kind::assign && item.path.size() == 1) {
      const Value v = eval(scope, item.value);
      const std::string& name = item.path[0].text;
      if (find(names, name) != nullptr) {
        report(Kind::duplicate_name, item.path[0].span,
               "`" + name + "` is named twice in experiment `" + result.name + "`");
      }
      names = bind(names, name, v);
      result.outputs.emplace_back(name, v);
    } else {
      report(Kind::wrong_type, item.span,
             "an experiment holds `let`, `require` and lines `name = …`");
    }
  }
  if (run && program_.sink.size() == errors) result.report = make_report(result);
  experiment_.clear();
  seed_ = settings_.package_seed;
  if (program_.sink.size() != errors) return std::nullopt;
  return result;
}

std::optional<ExperimentResult> Elaborator::run_experiment(Symbol symbol) {
  const ast::Decl& decl = program_.decl(symbol);
  return elaborate_experiment(symbol, decl, std::get<ast::BlockDecl>(decl.node), true);
}

// ---- sweeps -------------------------------------------------------------------------------------------------------------

bool Elaborator::read_axes(const Scope& scope, const ast::Item& item, SweepInfo& sweep) {
  const std::string& kind = item.path[0].text;
  if (kind == "random") {
    not_yet("random", item.path[0].span);
    return false;
  }
  if (kind != "grid" && kind != "zip") {
    report(Kind::unknown_field, item.path[0].span,
           "unknown block `" + kind + "` in a sweep" +
               check::did_you_mean(kind, {"grid", "zip", "random"}));
    return false;
  }
  std::vector<std::vector<Assignment>> points = {{}};
  size_t length = 0;
  const SweepAxis* first = nullptr;
  const std::vector<ast::Item> items = tree(scope.module)[item.body].items;
  std::vector<SweepAxis> axes;
  for (const ast::Item& line : items) {
    if (line.kind != ast::Item::Kind::axis_in) {
      report(Kind::wrong_type, line.span,
             "`" + kind + "` holds lines of the form `path in [a, b]`");
      return false;
    }
    const auto* values = std::get_if<ast::ListLiteral>(&tree(scope.module)[line.value].node);
    if (values == nullptr) {
      not_yet("an axis that is not a list written out", tree(scope.module)[line.value].span);
      return false;
    }
    axes.push_back({kind, line.path, scope.module, values->elements, line.span});
  }
  for (const SweepAxis& axis : axes) {
    std::vector<std::vector<Assignment>> next;
    if (kind == "zip" && first != nullptr) {
      if (axis.values.size() != length) {
        auto name = [](const ast::Path& path) {
          std::string text;
          for (const ast::Name& part : path) text += (text.empty() ? "" : ".") + part.text;
          return text;
        };
        auto& error = report(Kind::zip_lengths, axis.span,
                             "`zip` axes differ in length: `" + name(first->path) + "` has " +
                                 std::to_string(length) + " values, `" + name(axis.path) +
                                 "` has " + std::to_string(axis.values.size()));
        error.secondary.push_back({first->span, std::to_string(length) + " values"});
        return false;
      }
      for (size_t i = 0; i < points.size(); ++i)
        points[i].push_back({axis.path, axis.module, axis.values[i]});
      continue;
    }
    for (const auto& point : points) {
      for (ast::ExprId v : axis.values) {
        next.push_back(point);
        next.back().push_back({axis.path, axis.module, v});
      }
    }
    points = std::move(next);
    if (first == nullptr) first = &axis, length = axis.values.size();
  }
  std::vector<std::vector<Assignment>> product;
  for (const auto& before : sweep.points) {
    for (const auto& point : points) {
      product.push_back(before);
      product.back().insert(product.back().end(), point.begin(), point.end());
    }
  }
  sweep.points = std::move(product);
  sweep.axes.insert(sweep.axes.end(), axes.begin(), axes.end());
  return true;
}

std::optional<SweepInfo> Elaborator::read_sweep(Symbol symbol) {
  const ast::Decl& decl = program_.decl(symbol);
  const auto& block = std::get<ast::BlockDecl>(decl.node);
  const auto* body = std::get_if<ast::BodyId>(&block.value);
  if (body == nullptr) return std::nullopt;
  const Scope scope{symbol.module, nullptr};
  SweepInfo sweep;
  sweep.points = {{}};
  std::optional<ast::ExprId> skip;
  static const std::vector<std::string> kFields = {"of", "skip", "repeat", "show"};
  const std::vector<ast::Item> items = tree(symbol.module)[*body].items;
  bool fine = true;
  for (const ast::Item& item : items) {
    if (item.kind == ast::Item::Kind::nested) {
      fine = read_axes(scope, item, sweep) && fine;
      continue;
    }
    if (item.kind != ast::Item::Kind::assign || item.path.size() != 1) continue;
    const std::string& name = item.path[0].text;
    const Span span = tree(symbol.module)[item.value].span;
    if (name == "of") {
      const auto* ref = std::get_if<ast::NameRef>(&tree(symbol.module)[item.value].node);
      const auto target =
          ref != nullptr ? program_.lookup(symbol.module, ref->name.text) : std::nullopt;
      const auto* experiment =
          target ? std::get_if<ast::BlockDecl>(&program_.decl(*target).node) : nullptr;
      if (experiment == nullptr || experiment->kind.text != "experiment") {
        report(Kind::wrong_type, span,
               "`of` names an experiment, found " +
                   (ref != nullptr ? "`" + ref->name.text + "`" : std::string("something else")));
        fine = false;
      } else {
        sweep.experiment = ref->name.text;
      }
    } else if (name == "skip") {
      skip = item.value;
    } else if (name == "repeat") {
      const Value v = coerce(eval(scope, item.value), type(TypeKind::seeds), "`repeat`", span);
      if (const auto count = number_of(v)) sweep.repeat = static_cast<int64_t>(*count);
    } else if (std::find(kFields.begin(), kFields.end(), name) == kFields.end()) {
      report(Kind::unknown_field, item.path[0].span,
             "unknown field `" + name + "` in a sweep" + check::did_you_mean(name, kFields));
      fine = false;
    }
  }
  if (sweep.experiment.empty() && fine) {
    report(Kind::missing_field, decl.name.span,
           "sweep `" + decl.name.text + "` needs `of`, the experiment that it varies");
    fine = false;
  }
  if (!fine) return std::nullopt;
  // Values are looked at once here; where they are put is checked when a point is planned.
  for (const SweepAxis& axis : sweep.axes) {
    for (ast::ExprId v : axis.values) fine = !is_error(eval(scope, v)) && fine;
  }
  if (skip && fine) {
    const Value predicate = eval(scope, *skip);
    const Span span = tree(symbol.module)[*skip].span;
    std::erase_if(sweep.points, [&](const std::vector<Assignment>& point) {
      MapValue row;
      for (const Assignment& a : point)
        row.entries.emplace_back(a.path.back().text, eval(Scope{a.module, nullptr}, a.value));
      const Value verdict = call_value(
          predicate, {value(type(TypeKind::map), std::make_shared<const MapValue>(std::move(row)))},
          span);
      const bool* drop = verdict.as<bool>();
      return drop != nullptr && *drop;
    });
  }
  return fine ? std::optional(sweep) : std::nullopt;
}

// ---- render -------------------------------------------------------------------------------------------------------------

std::optional<RenderSource> Elaborator::render_source(const std::string& template_name,
                                                      const std::string& variant) {
  const std::string name = template_name.substr(template_name.rfind('.') + 1);
  template_variant_ = variant;
  for (Symbol symbol : program_.blocks("task")) {
    const Value v = declaration(symbol);
    const auto* task = v.shared<TaskValue>();
    if (task == nullptr) continue;
    for (const TaskPart& part : task->parts) {
      if (part.template_name != name) continue;
      if (!variant.empty() && !has_variant(part.template_symbol, variant)) {
        report(Kind::unknown_name, program_.decl(part.template_symbol).name.span,
               "template `" + name + "` has no variant `" + variant + "`" +
                   check::did_you_mean(variant, variant_names(part.template_symbol)));
        return std::nullopt;
      }
      return RenderSource{part.rows, part.dataset, task->name, part.render};
    }
  }
  return std::nullopt;
}

}  // namespace rexp::elaborate
