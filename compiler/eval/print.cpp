// Values as text: short and readable for messages and `rexp eval`, complete and without names for memory and comparison.
#include <algorithm>

#include "compiler/eval/constructs.h"

namespace rexp::eval {

namespace {

constexpr size_t kMaxShown = 100;    // of a readable value
constexpr size_t kMaxWritten = 200;  // of a part of a canonical text; longer parts are numbered

std::string quoted(const std::string& chars) {
  std::string out = "\"";
  for (char c : chars) {
    if (c == '\n') {
      out += "\\n";
      continue;
    }
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + "\"";
}

std::string id_text(Symbol symbol) {
  return std::to_string(symbol.module) + ":" + std::to_string(symbol.decl.index);
}

/// Schemas with their ids, so that equal names of different modules differ.
std::string type_text(const Evaluator& e, TypeId type) {
  const check::TypeNode& node = e.program.types[type];
  std::string out = node.name + "#" + std::to_string(static_cast<int>(node.kind)) + "." +
                    std::to_string(node.index);
  for (TypeId part : node.arguments) out += "," + type_text(e, part);
  return node.arguments.empty() ? out : out + ";";
}

/// The local names that the body of a lambda may read.
const std::vector<std::string>& names_inside(Evaluator& e, const Closure& closure) {
  const auto [at, fresh] = e.names_inside.try_emplace({closure.module, closure.body.index});
  if (!fresh) return at->second;
  const ast::Module& module = tree(e, closure.module);
  const Span whole = module[closure.body].span;
  for (const ast::Expr& expr : module.expr_nodes) {
    const auto* name = std::get_if<ast::NameRef>(&expr.node);
    const bool inside = expr.span.begin >= whole.begin && expr.span.end <= whole.end;
    if (name == nullptr || !inside) continue;
    if (std::find(at->second.begin(), at->second.end(), name->name.text) == at->second.end())
      at->second.push_back(name->name.text);
  }
  return at->second;
}

std::string canonical(Evaluator& e, const Value& value);

std::string list_text(Evaluator& e, const std::vector<Value>& values) {
  std::string out;
  for (const Value& value : values) out += (out.empty() ? "" : ",") + canonical(e, value);
  return out;
}

std::string fields_text(Evaluator& e, const std::vector<std::pair<std::string, Value>>& fields) {
  std::string out;
  for (const auto& [name, value] : fields)
    out += (out.empty() ? "" : ",") + name + "=" + canonical(e, value);
  return out;
}

std::string record_text(Evaluator& e, const Record& record) {
  std::string out = type_text(e, record.type) + "{";
  for (const RecordField& f : record.fields) out += (f.value ? canonical(e, *f.value) : "?") + ",";
  return out + "}";
}

std::string closure_text(Evaluator& e, const Closure& closure) {
  std::string out =
      "fn " + std::to_string(closure.module) + ":" + std::to_string(closure.body.index);
  for (const std::string& name : names_inside(e, closure)) {
    if (const Environment* local = find(closure.names, name))
      out += "," + name + "=" + canonical(e, local->value);
  }
  return out;
}

std::string kernel_text(const row::RowFunction& function) {
  std::string out = row::canonical(function);
  std::vector<int32_t> tables = function.codebooks;
  for (const row::ColumnRef& column : function.columns) tables.push_back(column.input);
  for (int32_t table : tables) out += "," + std::to_string(table);  // ids: equal values, equal ids
  return out;
}

std::string task_text(Evaluator& e, const Task& task) {
  std::string out = "task";
  for (const TaskPart& part : task.parts)
    out += "[" + canonical(e, Value{part.rows}) + kernel_text(*part.render) + "]";
  return out;
}

std::string mixture_text(Evaluator& e, const Mixture& mixture) {
  std::string out = "mixture";
  for (const MixtureEntry& entry : mixture.entries)
    out += "[" + canonical(e, Value{entry.task}) + number_text(entry.weight) +
           (entry.share ? "%" : "x") + "]";
  return out + (mixture.total ? number_text(*mixture.total) : "");
}

std::string row_text(const Row& row) {
  return "row " + std::to_string(reinterpret_cast<uintptr_t>(row.builder)) + ":" +
         std::to_string(row.expr) + ":" + std::to_string(row.table) + (row.items ? "i" : "");
}

/// Values without parts.
std::string plain_text(const Value& value) {
  auto address = [](const auto& pointer) {
    return std::to_string(reinterpret_cast<uintptr_t>(pointer.get()));
  };
  return std::visit(
      Overloaded{
          [](const bool& flag) -> std::string { return flag ? "true" : "false"; },
          [](const int64_t& whole) { return std::to_string(whole); },
          [](const double& real) { return number_text(real) + "f"; },
          [](const std::string& chars) { return quoted(chars); },
          [](const Amount& a) {
            return number_text(a.number) + "u" + std::to_string(static_cast<int>(a.unit));
          },
          [](const EnumValue& v) {
            return "enum " + std::to_string(v.enumeration) + "." + std::to_string(v.index);
          },
          [](const Callable& c) { return "callable " + id_text(c.symbol); },
          [](const SchemaName& s) { return "schema " + std::to_string(s.schema); },
          [](const ModuleName& m) { return "module " + std::to_string(m.module); },
          [](const Site& s) { return "site." + s.section; },
          [](const TemplateRef& t) { return "template " + id_text(t.symbol) + "." + t.variant; },
          [](const Row& row) { return row_text(row); },
          [&](const std::shared_ptr<const Choice>& p) { return "choice " + address(p); },
          [&](const std::shared_ptr<const Example>& p) { return "example " + address(p); },
          [](const auto&) -> std::string { return "none"; },
      },
      value.data);
}

/// Values with parts, printed anew.
std::string text_of_parts(Evaluator& e, const Value& value) {
  return std::visit(
      Overloaded{
          [&](const std::shared_ptr<const List>& p) {
            return "[" + list_text(e, p->elements) + "]";
          },
          [&](const std::shared_ptr<const Range>& p) {
            return "range[" + list_text(e, p->ends) + "]";
          },
          [&](const std::shared_ptr<const Fields>& p) {
            return "{" + fields_text(e, p->entries) + "}";
          },
          [&](const std::shared_ptr<const Record>& p) { return record_text(e, *p); },
          [&](const std::shared_ptr<const Closure>& p) { return closure_text(e, *p); },
          [&](const std::shared_ptr<const Method>& p) {
            return canonical(e, *p->receiver) + "." + id_text(p->symbol);
          },
          [&](const std::shared_ptr<const Partial>& p) {
            return canonical(e, *p->function) + "@" + list_text(e, p->arguments);
          },
          [&](const std::shared_ptr<const RowOptional>& p) {
            return "maybe(" + canonical(e, *p->present) + "," + canonical(e, *p->value) + ")";
          },
          [&](const std::shared_ptr<const RowRecord>& p) {
            return "row{" + fields_text(e, p->fields) + "}";
          },
          [](const Kernel& k) { return kernel_text(*k.function); },
          [&](const std::shared_ptr<const Made>& p) {
            return "made " + id_text(p->operation) + "(" + fields_text(e, p->arguments) + ")";
          },
          [&](const std::shared_ptr<const Task>& p) { return task_text(e, *p); },
          [&](const std::shared_ptr<const Mixture>& p) { return mixture_text(e, *p); },
          [](const auto&) { return std::string(); },
      },
      value.data);
}

/// Where the parts of a value lie; null for values without.
const void* address_of(const Value& value) {
  return std::visit(
      Overloaded{
          [](const Kernel& k) -> const void* { return k.function.get(); },
          [](const std::shared_ptr<const Choice>&) -> const void* { return nullptr; },
          [](const std::shared_ptr<const Example>&) -> const void* { return nullptr; },
          []<class T>(const std::shared_ptr<T>& p) -> const void* { return p.get(); },
          [](const auto&) -> const void* { return nullptr; },
      },
      value.data);
}

/// What is shared is printed once; a long text is named by the number of its first occurrence.
std::string canonical(Evaluator& e, const Value& value) {
  const void* address = address_of(value);
  if (address == nullptr) return plain_text(value);
  if (auto at = e.printed.find(address); at != e.printed.end()) return at->second.second;
  std::string text = text_of_parts(e, value);
  if (text.size() > kMaxWritten)
    text = "&" + std::to_string(e.long_texts.try_emplace(text, e.long_texts.size()).first->second);
  return e.printed.try_emplace(address, value, std::move(text)).first->second.second;
}

}  // namespace

std::string print(Evaluator& e, const Value& value, bool is_canonical) {
  return is_canonical ? canonical(e, value) : readable(e, value, kMaxShown);
}

}  // namespace rexp::eval
