// Values as their author would write them.
#include "compiler/eval/constructs.h"

namespace rexp::eval {

namespace {

std::string joined(Evaluator& e, const std::vector<Value>& values) {
  std::string out;
  for (const Value& value : values) out += (out.empty() ? "" : ", ") + readable(e, value);
  return out;
}

std::string enum_text(const Evaluator& e, const EnumValue& value) {
  return e.program.enumeration(value.enumeration).values[static_cast<size_t>(value.index)];
}

std::string record_text(Evaluator& e, const Record& record) {
  const check::Schema& schema = e.program.schema(e.program.types[record.type].index);
  std::string out;
  for (size_t i = 0; i < record.fields.size(); ++i) {
    if (!record.fields[i].value) continue;
    const Value& value = *record.fields[i].value;
    const auto* inner = value.shared<Record>();
    const std::string text =
        inner != nullptr && !inner->name.empty() ? inner->name : readable(e, value);
    out += (out.empty() ? "" : "; ") + schema.fields[i].name + " = " + text;
  }
  return schema.name + (out.empty() ? " {}" : " { " + out + " }");
}

/// A value inside a longer one: by its name when it has one.
std::string named(Evaluator& e, const Value& value) {
  if (const auto* record = value.shared<Record>(); record != nullptr && !record->name.empty())
    return record->name;
  if (const auto* task = value.shared<Task>(); task != nullptr && !task->name.empty())
    return task->name;
  return readable(e, value);
}

std::string made_text(Evaluator& e, const Made& made) {
  const ast::Decl& decl = e.program.decl(made.operation);
  const auto* declared = std::get_if<ast::ExternDecl>(&decl.node);
  if (declared == nullptr) {
    if (made.arguments.size() == 2 && made.arguments[0].first == "stage")
      return named(e, made.arguments[1].second) + " |> " + named(e, made.arguments[0].second);
    if (made.arguments.size() == 2 && made.arguments[0].first == "a")
      return named(e, made.arguments[0].second) + " + " + named(e, made.arguments[1].second);
  }
  std::string out = decl.name.text, arguments;
  size_t first = 0;
  if (declared != nullptr && declared->receiver && !made.arguments.empty()) {
    out = named(e, made.arguments[0].second) + "." + out;
    first = 1;
  }
  for (size_t i = first; i < made.arguments.size(); ++i)
    arguments += (arguments.empty() ? "" : ", ") + made.arguments[i].first + " = " +
                 named(e, made.arguments[i].second);
  return declared != nullptr && declared->property ? out : out + "(" + arguments + ")";
}

std::string mixture_text(const Mixture& mixture) {
  std::string out;
  for (const MixtureEntry& entry : mixture.entries)
    out += (out.empty() ? "" : "; ") + entry.name + " = " +
           amount_text(entry.weight, entry.share ? TypeKind::ratio : TypeKind::copies);
  if (mixture.total) out += "; total = " + amount_text(*mixture.total, TypeKind::row_count);
  return "{ " + out + " }";
}

std::string task_text(Evaluator& e, const Task& task) {
  std::string out;
  for (const TaskPart& part : task.parts)
    out += (out.empty() ? "" : " + ") + ("[" + e.program.decl(part.template_symbol).name.text) +
           "(…) for … in " + readable(e, Value{part.rows}) + "]";
  return out;
}

std::string fields_text(Evaluator& e, const Fields& fields) {
  std::string out;
  for (const auto& [name, value] : fields.entries)
    out += (out.empty() ? "" : ", ") + name + ": " + readable(e, value);
  return out.empty() ? "{}" : "{ " + out + " }";
}

std::string closure_text(Evaluator& e, const Closure& closure) {
  if (!closure.name.empty()) return closure.name;
  std::string names;
  for (const ast::Parameter& p : closure.parameters)
    names += (names.empty() ? "" : ", ") + p.name.text;
  if (closure.parameters.size() != 1) names = "(" + names + ")";
  return names + " => " + source_text(e, tree(e, closure.module)[closure.body].span);
}

}  // namespace

std::string readable(Evaluator& e, const Value& value) {
  const check::Program& program = e.program;
  return std::visit(
      Overloaded{
          [](const None&) -> std::string { return "none"; },
          [](const bool& flag) -> std::string { return flag ? "true" : "false"; },
          [](const int64_t& whole) { return std::to_string(whole); },
          [](const double& real) { return number_text(real); },
          [](const std::string& chars) { return "\"" + chars + "\""; },
          [](const Amount& a) { return amount_text(a.number, a.unit); },
          [&](const EnumValue& v) { return enum_text(e, v); },
          [&](const std::shared_ptr<const List>& p) { return "[" + joined(e, p->elements) + "]"; },
          [&](const std::shared_ptr<const Range>& p) {
            return readable(e, p->ends[0]) + " .. " + readable(e, p->ends[1]);
          },
          [&](const std::shared_ptr<const Fields>& p) { return fields_text(e, *p); },
          [&](const std::shared_ptr<const Record>& p) { return record_text(e, *p); },
          [&](const std::shared_ptr<const Closure>& p) { return closure_text(e, *p); },
          [&](const Callable& c) { return program.decl(c.symbol).name.text; },
          [&](const std::shared_ptr<const Method>& p) {
            return readable(e, *p->receiver) + "." + program.decl(p->symbol).name.text;
          },
          [&](const std::shared_ptr<const Partial>& p) {
            return readable(e, *p->function) + "@" + joined(e, p->arguments);
          },
          [&](const SchemaName& s) { return e.program.schema(s.schema).name; },
          [&](const ModuleName& m) { return program.module(m.module).name; },
          [](const Site& s) { return s.section.empty() ? "site" : "site." + s.section; },
          [&](const TemplateRef& t) {
            return program.decl(t.symbol).name.text + (t.variant.empty() ? "" : "." + t.variant);
          },
          [](const Kernel& k) { return k.source; },
          [&](const std::shared_ptr<const Made>& p) { return made_text(e, *p); },
          [&](const std::shared_ptr<const Task>& p) { return task_text(e, *p); },
          [](const std::shared_ptr<const Mixture>& p) { return mixture_text(*p); },
          [](const auto&) -> std::string { return "(of the row)"; },
      },
      value.data);
}

}  // namespace rexp::eval
