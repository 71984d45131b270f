#include <charconv>

#include "compiler/ast/dump.h"

namespace rexp::ast {

namespace {

const char* const kUnitNames[] = {"",     " epochs", " steps", " tokens", " rows", " seeds",
                                  " min", " h",      " s",     "x",       "%",     " bytes"};
const char* const kOperatorNames[] = {"*",  "/",  "+",  "-",  "..", "<",   "<=", ">",
                                      ">=", "==", "!=", "in", "is", "and", "or"};
const char* const kLabelNames[] = {"", "static ", "past ", "target ", "future "};

template <class List, class Print>
std::string join(const List& list, const char* separator, Print print) {
  std::string out;
  for (const auto& element : list) {
    if (!out.empty()) out += separator;
    out += print(element);
  }
  return out;
}

std::string escaped(const std::string& chars) {
  std::string out;
  for (size_t i = 0; i < chars.size(); ++i) {
    const char c = chars[i];
    if (c == '\n') {
      out += "\\n";
    } else if (c == '\t') {
      out += "\\t";
    } else {
      const bool opens = (c == '$' || c == '%') && i + 1 < chars.size() && chars[i + 1] == '{';
      if (c == '"' || c == '\\' || opens) out += '\\';
      out += c;
    }
  }
  return out;
}

class ExprPrinter {
 public:
  explicit ExprPrinter(const Module& module) : m_(module) {}

  std::string print(ExprId id) const {
    if (!id.valid()) return "<none>";
    return std::visit(*this, m_[id].node);
  }

  std::string operator()(const Broken&) const { return "<broken>"; }
  std::string operator()(const Number& n) const {
    char digits[400];
    const auto end =
        n.integer ? std::to_chars(digits, digits + sizeof digits, n.value, std::chars_format::fixed)
                  : std::to_chars(digits, digits + sizeof digits,
                                  n.value);  // the shortest that reads back
    std::string text(digits, end.ptr);
    if (!n.integer && text.find_first_of(".e") == std::string::npos) text += ".0";
    return text + kUnitNames[static_cast<size_t>(n.unit)];
  }
  std::string operator()(const TextLiteral& t) const { return line_of(m_, t.text); }
  std::string operator()(const Bool& b) const { return b.value ? "true" : "false"; }
  std::string operator()(const None&) const { return "none"; }
  std::string operator()(const ListLiteral& l) const {
    return "[" + join(l.elements, ", ", [&](ExprId e) { return print(e); }) + "]";
  }
  std::string operator()(const Comprehension& c) const {
    return "[" + print(c.element) + " for " + join(c.pattern, ", ", text_of) + " in " +
           print(c.source) + (c.where ? " where " + print(*c.where) : "") + "]";
  }
  std::string operator()(const RecordLiteral& r) const {
    return "{" +
           join(r.fields, ", ",
                [&](const RecordField& f) { return f.name.text + ": " + print(f.value); }) +
           "}";
  }
  std::string operator()(const NameRef& n) const { return n.name.text; }
  std::string operator()(const FieldRef& f) const { return print(f.object) + "." + f.field.text; }
  std::string operator()(const Call& c) const {
    std::string out = "(call " + print(c.callee);
    for (const Argument& a : c.arguments)
      out += " " + (a.name ? a.name->text + "=" : "") + print(a.value);
    return out + ")";
  }
  std::string operator()(const IndexRef& i) const {
    return "(index " + print(i.object) + " " + print(i.index) + ")";
  }
  std::string operator()(const AtSize& a) const {
    return "(@ " + print(a.object) + " " + print(a.size) + ")";
  }
  std::string operator()(const Construct& c) const {
    return "(make " + print(c.callee) + " " + line_of(m_, c.body) + ")";
  }
  std::string operator()(const WithBody& w) const {
    return "(with " + print(w.object) + " " + line_of(m_, w.body) + ")";
  }
  std::string operator()(const Lambda& l) const {
    return "(\\" + join(l.parameters, " ", text_of) + " " + print(l.body) + ")";
  }
  std::string operator()(const If& i) const {
    return "(if " + print(i.condition) + " " + print(i.then) + " " + print(i.otherwise) + ")";
  }
  std::string operator()(const Match& m) const {
    const auto arm = [&](const Arm& a) {
      return (a.condition ? print(*a.condition) : "else") + " => " + print(a.value);
    };
    return "(match " + (m.subject ? print(*m.subject) + " " : "") + join(m.arms, ", ", arm) + ")";
  }
  std::string operator()(const Binary& b) const {
    return std::string("(") + kOperatorNames[static_cast<size_t>(b.op)] + " " + print(b.left) +
           " " + print(b.right) + ")";
  }
  std::string operator()(const Unary& u) const {
    return std::string(u.op == UnaryOp::neg ? "(- " : "(not ") + print(u.operand) + ")";
  }
  std::string operator()(const Pipe& p) const {
    return "(|> " + print(p.value) + " " + print(p.function) + ")";
  }

 private:
  static std::string text_of(const Name& name) { return name.text; }

  const Module& m_;
};

std::string line_of(const Module& module, const TextPart& part) {
  const auto separator = [&] {
    return part.separator.empty() ? std::string() : " sep " + line_of(module, part.separator[0]);
  };
  const auto inside = [&](size_t i) {
    std::string out;
    for (const TextPart& p : part.bodies[i].parts) out += line_of(module, p);
    return out;
  };
  switch (part.kind) {
    case TextPart::Kind::chars: return escaped(part.chars);
    case TextPart::Kind::hole: return "${" + line_of(module, part.expr) + separator() + "}";
    case TextPart::Kind::for_each:
      return "%{for " + part.variable.text + " in " + line_of(module, part.expr) + separator() +
             "}" + inside(0) + "%{end}";
    case TextPart::Kind::if_:
      return "%{if " + line_of(module, part.expr) + "}" + inside(0) +
             (part.bodies.size() > 1 ? "%{else}" + inside(1) : "") + "%{end}";
  }
  return "";
}

struct TypePrinter {
  const Module& m;
  bool optional;

  std::string operator()(const Type::Named& n) const {
    const auto print = [&](TypeId id) { return line_of(m, id); };
    return line_of(n.path) +
           (n.arguments.empty() ? "" : "<" + join(n.arguments, ", ", print) + ">");
  }
  std::string operator()(const Type::List& l) const { return "[" + line_of(m, l.element) + "]"; }
  std::string operator()(const Type::Function& f) const {
    return "fn(" + join(f.parameters, ", ", [&](TypeId id) { return line_of(m, id); }) + ") -> " +
           line_of(m, f.result);
  }
  std::string operator()(const Type::Union& u) const {
    const std::string all = join(u.alternatives, " | ", [&](TypeId id) { return line_of(m, id); });
    return optional ? "(" + all + ")" : all;
  }
};

}  // namespace

std::string line_of(const Module& module, ExprId id) { return ExprPrinter(module).print(id); }

std::string line_of(const Module& module, TypeId id) {
  if (!id.valid()) return "<none>";
  const Type& type = module[id];
  return kLabelNames[static_cast<size_t>(type.label)] +
         std::visit(TypePrinter{module, type.optional}, type.node) + (type.optional ? "?" : "");
}

std::string line_of(const Module& module, BodyId id) {
  if (!id.valid() || module[id].items.empty()) return "{}";
  return "{ " + join(module[id].items, "; ", [&](const Item& i) { return line_of(module, i); }) +
         " }";
}

std::string line_of(const Module& module, const Text& text) {
  std::string out = "\"";
  for (const TextPart& part : text.parts) out += line_of(module, part);
  return out + "\"";
}

std::string line_of(const Path& path) {
  return join(path, ".", [](const Name& name) { return name.text; });
}

std::string parameters_of(const Module& module, const std::vector<Parameter>& parameters) {
  const auto print = [&](const Parameter& p) {
    return p.name.text + ": " + line_of(module, p.type) +
           (p.initial ? " = " + line_of(module, *p.initial) : "");
  };
  return "(" + join(parameters, ", ", print) + ")";
}

}  // namespace rexp::ast
