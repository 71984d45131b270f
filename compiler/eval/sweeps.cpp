// Sweeps: the points of their axes, each a list of assignments.
#include <algorithm>
#include <array>

#include "compiler/eval/constructs.h"

namespace rexp::eval {

namespace {

using Point = std::vector<Assigned>;
struct Axis {
  ast::Path path;
  std::vector<Assigned> values;
  Span span;
};

std::string path_text(const ast::Path& path) {
  std::string text;
  for (const ast::Name& part : path) text += (text.empty() ? "" : ".") + part.text;
  return text;
}

std::optional<Axis> read_axis(Evaluator& e, const Scope& scope, const ast::Item& line) {
  if (line.kind != ast::Item::Kind::axis_in)
    return fail(e, Kind::wrong_type, line.span, "an axis is a line of the form `path in [a, b]`");
  Axis axis{line.path, {}, line.span};
  const auto* written = std::get_if<ast::ListLiteral>(&tree(e, scope.module)[line.value].node);
  for (ast::ExprId value : written != nullptr ? written->elements : std::vector<ast::ExprId>{})
    axis.values.emplace_back(check::Assignment{line.path, scope.module, value});
  if (written != nullptr) return axis;
  const Maybe list = evaluate(e, scope, line.value);
  const auto* elements = list ? elements_of(*list) : nullptr;
  if (elements == nullptr) return std::nullopt;
  for (size_t i = 0; i < elements->size(); ++i)
    axis.values.emplace_back(check::Assignment{line.path, scope.module, line.value},
                             static_cast<int32_t>(i));
  return axis;
}

/// Every value of the axis beside every point, or its n-th beside the n-th point.
std::vector<Point> extended(const std::vector<Point>& points, const Axis& axis, bool beside) {
  std::vector<Point> out;
  for (size_t i = 0; i < points.size(); ++i) {
    for (size_t j = 0; j < axis.values.size(); ++j) {
      if (beside && i != j) continue;
      out.push_back(points[i]);
      out.back().push_back(axis.values[j]);
    }
  }
  return out;
}

std::optional<std::vector<Point>> read_axes(Evaluator& e, const Scope& scope, const ast::Item& item,
                                            std::vector<std::string>* axes) {
  const std::string& kind = item.path[0].text;
  std::vector<Point> points = {{}};
  std::optional<Axis> first;
  for (const ast::Item& line : tree(e, scope.module)[item.body].items) {
    const std::optional<Axis> axis = read_axis(e, scope, line);
    if (!axis) return std::nullopt;
    axes->push_back(path_text(axis->path));
    if (axis->values.empty())
      return fail(e, Kind::empty_sweep, axis->span, "axis `" + axes->back() + "` has no values",
                  "give it one at least, or remove the line");
    const bool beside = kind == "zip" && first;
    if (beside && axis->values.size() != first->values.size()) {
      const std::string one = std::to_string(first->values.size()) + " values";
      auto& error = report(e, Kind::zip_lengths, axis->span,
                           "`zip` axes differ in length: `" + path_text(first->path) + "` has " +
                               one + ", `" + path_text(axis->path) + "` has " +
                               std::to_string(axis->values.size()));
      error.secondary.push_back({first->span, one});
      return std::nullopt;
    }
    points = extended(points, *axis, beside);
    if (!first) first = axis;
  }
  return points;
}

std::vector<Point> product(const std::vector<Point>& left, const std::vector<Point>& right) {
  std::vector<Point> out;
  for (const Point& before : left) {
    for (const Point& point : right) {
      out.push_back(before);
      out.back().insert(out.back().end(), point.begin(), point.end());
    }
  }
  return out;
}

/// Drops the points for which `skip` holds. The row it sees has the last name of every path.
bool drop_skipped(Evaluator& e, const Scope& scope, ast::ExprId skip, std::vector<Point>* points) {
  const Maybe predicate = evaluate(e, scope, skip);
  if (!predicate) return false;
  std::vector<Point> kept;
  for (const Point& point : *points) {
    Fields row;
    for (const Assigned& a : point) {
      Maybe value = assigned_value(e, a);
      if (!value) return false;
      row.entries.emplace_back(a.path.back().text, std::move(*value));
    }
    const Maybe verdict =
        call(e, *predicate, {shared_value(std::move(row))}, scope, span_of(e, scope, skip));
    if (!verdict) return false;
    const auto* drop = verdict->as<bool>();
    if (drop == nullptr || !*drop) kept.push_back(point);
  }
  *points = std::move(kept);
  return true;
}

bool read_field(Evaluator& e, const Scope& scope, const ast::Item& item, SweepValue& sweep) {
  const std::string& name = item.path[0].text;
  if (name != "of" && name != "repeat") return true;
  const Maybe value = evaluate(e, scope, item.value);
  if (!value) return false;
  if (const auto* experiment = value->as<Callable>()) sweep.experiment = experiment->symbol;
  if (const auto* count = value->as<Amount>()) sweep.repeat = static_cast<int64_t>(count->number);
  return true;
}

/// The axis that a name in `show` means, the last word of its path; their number where there is none.
size_t named_axis(const Evaluator& e, const Scope& scope, ast::ExprId id, const SweepValue& sweep) {
  const auto* name = std::get_if<ast::NameRef>(&tree(e, scope.module)[id].node);
  for (size_t i = 0; name != nullptr && i < sweep.axes.size(); ++i) {
    const std::string& axis = sweep.axes[i];
    if (axis.substr(axis.rfind('.') + 1) == name->name.text) return i;
  }
  return sweep.axes.size();
}

/// `accuracy` or `accuracy[1]`
bool read_cell(const Evaluator& e, const Scope& scope, ast::ExprId id, SweepTable* out) {
  const ast::Module& module = tree(e, scope.module);
  if (const auto* index = std::get_if<ast::IndexRef>(&module[id].node)) {
    const auto* number = std::get_if<ast::Number>(&module[index->index].node);
    if (number == nullptr || !number->integer || number->unit != ast::Unit::none) return false;
    out->place = static_cast<int64_t>(number->value);
    id = index->object;
  }
  const auto* name = std::get_if<ast::NameRef>(&module[id].node);
  if (name != nullptr) out->output = name->name.text;
  return name != nullptr;
}

/// Two axes and an output.
bool read_table(const Evaluator& e, const Scope& scope, const ast::Call& call, SweepValue* sweep) {
  constexpr const char* kNames[] = {"rows", "columns", "cell"};
  std::array<std::optional<ast::ExprId>, 3> given;
  for (size_t i = 0; i < call.arguments.size() && i < given.size(); ++i) {
    const ast::Argument& argument = call.arguments[i];
    size_t at = i;
    for (size_t j = 0; argument.name && j < given.size(); ++j) {
      if (argument.name->text == kNames[j]) at = j;
    }
    given[at] = argument.value;
  }
  if (!given[0] || !given[1] || !given[2]) return false;
  SweepTable table;
  table.rows = named_axis(e, scope, *given[0], *sweep);
  table.columns = named_axis(e, scope, *given[1], *sweep);
  const size_t axes = sweep->axes.size();
  if (table.rows == axes || table.columns == axes || table.rows == table.columns ||
      !read_cell(e, scope, *given[2], &table))
    return false;
  sweep->table = std::move(table);
  return true;
}

/// A metric and the protocol that decides.
bool read_best(Evaluator& e, const Scope& scope, ast::ExprId id, SweepValue* sweep) {
  const Maybe value = evaluate(e, scope, id);
  const auto* made = value ? value->shared<Made>() : nullptr;
  SweepBest best;
  for (size_t i = 0; made != nullptr && i < made->arguments.size(); ++i) {
    const auto* record = made->arguments[i].second.shared<Record>();
    if (record == nullptr) return false;
    if (e.program.is(record->type, Known::Protocol)) {
      best.protocol = record->name;
    } else if (const Value* name = field(e, *record, "name")) {
      if (const auto* text = name->as<std::string>()) best.metric = *text;
    }
  }
  if (best.protocol.empty() || best.metric.empty()) return false;
  sweep->best = std::move(best);
  return true;
}

/// What `show` asks for; what is neither a table of two axes nor the best by a declared protocol is told not to be there.
bool read_show(Evaluator& e, const Scope& scope, ast::ExprId id, SweepValue* sweep) {
  const auto* call = std::get_if<ast::Call>(&tree(e, scope.module)[id].node);
  const Intrinsic which =
      call == nullptr ? Intrinsic::none
                      : e.intrinsics.of(e.typed.at(scope.module, call->callee).target.symbol);
  if (which == Intrinsic::table && read_table(e, scope, *call, sweep)) return true;
  if (which == Intrinsic::best && read_best(e, scope, id, sweep)) return true;
  fail(e, Kind::not_available_yet, span_of(e, scope, id),
       "this `show` is not available yet in this version",
       "write `table(rows = …, columns = …, cell = …)` with two axes and an output, `accuracy` or "
       "`accuracy[0]` of a list, or `best(ndcg@10, on = …)` with a declared protocol");
  return false;
}

}  // namespace

std::optional<SweepValue> evaluate_sweep(Evaluator& e, Symbol symbol) {
  const ast::Decl& decl = e.program.decl(symbol);
  const auto& block = std::get<ast::BlockDecl>(decl.node);
  const auto* body = std::get_if<ast::BodyId>(&block.value);
  if (body == nullptr)
    return fail(e, Kind::wrong_type, decl.name.span, "a sweep is written with braces");
  const Scope scope{symbol.module, nullptr, nullptr};
  SweepValue sweep{decl.name.text, symbol, {}, {}, {{}}, 1};
  std::optional<ast::ExprId> skip, show;
  for (const ast::Item& item : tree(e, symbol.module)[*body].items) {
    if (item.kind == ast::Item::Kind::nested) {
      const auto points = read_axes(e, scope, item, &sweep.axes);
      if (!points) return std::nullopt;
      sweep.points = product(sweep.points, *points);
    } else if (item.kind == ast::Item::Kind::assign && item.path.size() == 1) {
      if (item.path[0].text == "skip") skip = item.value;
      if (item.path[0].text == "show") show = item.value;
      if (!read_field(e, scope, item, sweep)) return std::nullopt;
    }
  }
  if (!sweep.experiment.valid())
    return fail(e, Kind::missing_field, decl.name.span,
                "sweep `" + decl.name.text + "` needs `of`, the experiment that it varies");
  if (skip && !drop_skipped(e, scope, *skip, &sweep.points)) return std::nullopt;
  if (sweep.points.empty())
    return fail(e, Kind::empty_sweep, span_of(e, scope, *skip),
                "`skip` removes every point of sweep `" + sweep.name + "`",
                "let it be false for those that are to run");
  if (show && !read_show(e, scope, *show, &sweep)) return std::nullopt;
  return sweep;
}

std::optional<std::string> written(Evaluator& e, const Assigned& axis) {
  if (axis.element < 0)
    return source_text(e, span_of(e, {axis.module, nullptr, nullptr}, axis.value));
  const Maybe value = assigned_value(e, axis);
  return value ? std::optional(print(e, *value)) : std::nullopt;
}

}  // namespace rexp::eval
