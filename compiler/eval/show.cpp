// Values as their author would write them.
#include "compiler/eval/constructs.h"

namespace rexp::eval {

namespace {

constexpr int kMaxNested = 100;           // deeper parts are left out
constexpr size_t kMaxText = 1024 * 1024;  // a value that shares its parts may be longer than memory

/// The text so far, and how much of it is wanted.
struct Text {
  std::string out;
  size_t limit;
  bool full() const { return out.size() > limit; }
};

void show(Evaluator& e, const Value& value, int depth, Text* text);

void show_all(Evaluator& e, const std::vector<Value>& values, int depth, Text* text) {
  for (size_t i = 0; i < values.size() && !text->full(); ++i) {
    if (i > 0) text->out += ", ";
    show(e, values[i], depth, text);
  }
}

/// A value inside a longer one: by its name when it has one.
void show_part(Evaluator& e, const Value& value, int depth, Text* text) {
  const auto* record = value.shared<Record>();
  const auto* task = value.shared<Task>();
  if (record != nullptr && !record->name.empty()) {
    text->out += record->name;
  } else if (task != nullptr && !task->name.empty()) {
    text->out += task->name;
  } else {
    show(e, value, depth, text);
  }
}

void show_record(Evaluator& e, const Record& record, int depth, Text* text) {
  const check::Schema& schema = e.program.schema(e.program.types[record.type].index);
  text->out += schema.name + " {";
  for (size_t i = 0; i < record.fields.size() && !text->full(); ++i) {
    if (!record.fields[i].value) continue;
    text->out += (i == 0 ? " " : "; ") + schema.fields[i].name + " = ";
    show_part(e, *record.fields[i].value, depth, text);
  }
  text->out += record.fields.empty() ? "}" : " }";
}

void show_made(Evaluator& e, const Made& made, int depth, Text* text) {
  const ast::Decl& decl = e.program.decl(made.operation);
  const auto* declared = std::get_if<ast::ExternDecl>(&decl.node);
  auto argument = [&](size_t i) { show_part(e, made.arguments[i].second, depth, text); };
  if (is_made_of(e.program, made, Known::Stage)) {
    argument(1);
    text->out += " |> ";
    return argument(0);
  }
  if (is_made_of(e.program, made, Known::Rows)) {
    argument(0);
    text->out += " + ";
    return argument(1);
  }
  const size_t first = declared != nullptr && declared->receiver ? 1 : 0;
  if (first == 1) {
    argument(0);
    text->out += ".";
  }
  text->out += decl.name.text;
  if (declared != nullptr && declared->property) return;
  text->out += "(";
  for (size_t i = first; i < made.arguments.size() && !text->full(); ++i) {
    text->out += (i > first ? ", " : "") + made.arguments[i].first + " = ";
    argument(i);
  }
  text->out += ")";
}

void show_mixture(const Mixture& mixture, Text* text) {
  text->out += "{";
  for (size_t i = 0; i < mixture.entries.size(); ++i) {
    const MixtureEntry& entry = mixture.entries[i];
    text->out += (i == 0 ? " " : "; ") + entry.name + " = " +
                 amount_text(entry.weight, entry.share ? TypeKind::ratio : TypeKind::copies);
  }
  if (mixture.total) text->out += "; total = " + amount_text(*mixture.total, TypeKind::row_count);
  text->out += " }";
}

void show_task(Evaluator& e, const Task& task, int depth, Text* text) {
  for (size_t i = 0; i < task.parts.size() && !text->full(); ++i) {
    const TaskPart& part = task.parts[i];
    text->out += (i > 0 ? " + [" : "[") + names_of(e.program, part.templates) + "(…) for … in ";
    show(e, Value{part.rows}, depth, text);
    text->out += "]";
  }
}

void show_fields(Evaluator& e, const Fields& fields, int depth, Text* text) {
  text->out += "{";
  for (size_t i = 0; i < fields.entries.size() && !text->full(); ++i) {
    text->out += (i == 0 ? " " : ", ") + fields.entries[i].first + ": ";
    show(e, fields.entries[i].second, depth, text);
  }
  text->out += fields.entries.empty() ? "}" : " }";
}

std::string closure_text(const Evaluator& e, const Closure& closure) {
  if (!closure.name.empty()) return closure.name;
  std::string names;
  for (const ast::Parameter& p : closure.parameters)
    names += (names.empty() ? "" : ", ") + p.name.text;
  if (closure.parameters.size() != 1) names = "(" + names + ")";
  return names + " => " + source_text(e, tree(e, closure.module)[closure.body].span);
}

/// What has no parts that would have to be shown.
std::string short_text(Evaluator& e, const Value& value) {
  const check::Program& program = e.program;
  auto name_of = [&](Symbol symbol) { return program.decl(symbol).name.text; };
  return std::visit(
      Overloaded{
          [](const None&) -> std::string { return "none"; },
          [](const bool& flag) -> std::string { return flag ? "true" : "false"; },
          [](const int64_t& whole) { return std::to_string(whole); },
          [](const double& real) { return number_text(real); },
          [](const std::string& chars) { return "\"" + chars + "\""; },
          [](const Amount& a) { return amount_text(a.number, a.unit); },
          [&](const EnumValue& v) {
            return program.enumeration(v.enumeration).values[static_cast<size_t>(v.index)];
          },
          [&](const std::shared_ptr<const Closure>& p) { return closure_text(e, *p); },
          [&](const Callable& c) { return name_of(c.symbol); },
          [&](const SchemaName& s) { return e.program.schema(s.schema).name; },
          [&](const ModuleName& m) { return program.module(m.module).name; },
          [](const Site& s) { return s.section.empty() ? "site" : "site." + s.section; },
          [&](const TemplateRef& t) {
            return name_of(t.symbol) + (t.variant.empty() ? "" : "." + t.variant);
          },
          [](const Kernel& k) { return k.source; },
          [](const auto&) -> std::string { return "(of the row)"; },
      },
      value.data);
}

void show(Evaluator& e, const Value& value, int depth, Text* text) {
  if (text->full()) return;
  if (depth > kMaxNested) {
    text->out += "…";
    return;
  }
  const int below = depth + 1;
  if (const auto* list = value.shared<List>()) {
    text->out += "[";
    show_all(e, list->elements, below, text);
    text->out += "]";
  } else if (const auto* range = value.shared<Range>()) {
    show(e, range->ends[0], below, text);
    text->out += " .. ";
    show(e, range->ends[1], below, text);
  } else if (const auto* fields = value.shared<Fields>()) {
    show_fields(e, *fields, below, text);
  } else if (const auto* record = value.shared<Record>()) {
    show_record(e, *record, below, text);
  } else if (const auto* made = value.shared<Made>()) {
    show_made(e, *made, below, text);
  } else if (const auto* task = value.shared<Task>()) {
    show_task(e, *task, below, text);
  } else if (const auto* mixture = value.shared<Mixture>()) {
    show_mixture(*mixture, text);
  } else if (const auto* method = value.shared<Method>()) {
    show(e, *method->receiver, below, text);
    text->out += "." + e.program.decl(method->symbol).name.text;
  } else if (const auto* partial = value.shared<Partial>()) {
    show(e, *partial->function, below, text);
    text->out += "@";
    show_all(e, partial->arguments, below, text);
  } else {
    text->out += short_text(e, value);
  }
}

}  // namespace

std::string readable(Evaluator& e, const Value& value, size_t limit) {
  Text text{"", std::min(limit, kMaxText)};
  show(e, value, 0, &text);
  if (!text.full()) return std::move(text.out);
  size_t end = text.limit;
  while (end > 0 && (static_cast<unsigned char>(text.out[end]) & 0xC0) == 0x80) --end;
  return text.out.substr(0, end) + "…";
}

}  // namespace rexp::eval
