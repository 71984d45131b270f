#include "compiler/ast/dump.h"

namespace rexp::ast {

namespace {

class Dumper {
 public:
  explicit Dumper(const Module& module) : m_(module) {}

  std::string run() {
    if (m_.edition) line("edition " + std::to_string(static_cast<int>(*m_.edition)));
    for (const Import& i : m_.imports) import(i);
    for (DeclId d : m_.decls) decl(d);
    return std::move(out_);
  }

  /// A declaration that stands inside a body, on one line.
  std::string head(DeclId id) const { return std::visit(Head{*this, m_[id]}, m_[id].node); }

 private:
  void line(const std::string& text) { out_ += std::string(2 * depth_, ' ') + text + "\n"; }

  void import(const Import& i) {
    std::string text = "import " + line_of(i.path);
    if (i.alias) text += " as " + i.alias->text;
    for (size_t n = 0; n < i.names.size(); ++n) text += (n == 0 ? " { " : ", ") + i.names[n].text;
    line(text + (i.names.empty() ? "" : " }"));
  }

  struct Head {
    const Dumper& d;
    const Decl& decl;

    std::string operator()(const LetDecl& l) const {
      return "let " + decl.name.text + (l.type ? ": " + line_of(d.m_, *l.type) : "") + " = " +
             line_of(d.m_, l.value);
    }
    std::string operator()(const FnDecl& f) const {
      return "fn " + decl.name.text + parameters_of(d.m_, f.parameters) +
             (f.result ? " -> " + line_of(d.m_, *f.result) : "") + " = " + line_of(d.m_, f.body);
    }
    std::string operator()(const ExternDecl& e) const {
      return "extern fn " + (e.receiver ? line_of(d.m_, *e.receiver) + "." : "") + decl.name.text +
             (e.property ? "" : parameters_of(d.m_, e.parameters)) + " -> " +
             line_of(d.m_, e.result);
    }
    std::string operator()(const KindDecl& k) const {
      return "kind " + decl.name.text + ": " + line_of(d.m_, k.type);
    }
    std::string operator()(const SchemaDecl& s) const {
      std::string variables;
      for (const SchemaDecl::Variable& v : s.variables)
        variables += (variables.empty() ? "" : ", ") + v.name.text +
                     (v.fallback ? ": " + line_of(d.m_, *v.fallback) : "");
      return (s.opaque ? "extern schema " : "schema ") + decl.name.text +
             (variables.empty() ? "" : "<" + variables + ">") +
             (s.base ? " extends " + line_of(d.m_, *s.base) : "");
    }
    std::string operator()(const EnumDecl& e) const {
      std::string out = "enum " + decl.name.text + " {";
      for (const Name& value : e.values)
        out += (&value == &e.values.front() ? " " : ", ") + value.text;
      return out + " }";
    }
    std::string operator()(const TemplateDecl& t) const {
      return "template " + decl.name.text + parameters_of(d.m_, t.parameters);
    }
    std::string operator()(const RequireDecl& r) const {
      return "require " + line_of(d.m_, r.condition) +
             (r.message ? " : " + line_of(d.m_, *r.message) : "");
    }
    std::string operator()(const BlockDecl& b) const {
      std::string out = b.kind.text + " " + decl.name.text +
                        (b.has_parameters ? parameters_of(d.m_, b.parameters) : "") +
                        (b.type ? ": " + line_of(d.m_, *b.type) : "");
      if (const ExprId* value = std::get_if<ExprId>(&b.value)) out += " = " + line_of(d.m_, *value);
      return out;
    }
  };

  void decl(DeclId id) {
    const Decl& decl = m_[id];
    doc(decl.doc);
    line(head(id));
    ++depth_;
    if (const auto* schema = std::get_if<SchemaDecl>(&decl.node)) fields(*schema);
    if (const auto* t = std::get_if<TemplateDecl>(&decl.node)) turns(t->turns);
    const auto* block = std::get_if<BlockDecl>(&decl.node);
    if (block && std::holds_alternative<BodyId>(block->value)) body(std::get<BodyId>(block->value));
    --depth_;
  }

  void doc(const std::string& text) {
    for (size_t at = 0; at < text.size();) {
      const size_t end = std::min(text.find('\n', at), text.size());
      line("/// " + text.substr(at, end - at));
      at = end + 1;
    }
  }

  void fields(const SchemaDecl& schema) {
    for (const SchemaField& f : schema.fields) {
      doc(f.doc);
      line(f.name.text + ": " + line_of(m_, f.type) +
           (f.initial ? " = " + line_of(m_, *f.initial) : "") +
           (f.condition ? " where " + line_of(m_, *f.condition) : ""));
    }
  }

  void body(BodyId id) {
    for (const Item& item : m_[id].items) {
      switch (item.kind) {
        case Item::Kind::let:
        case Item::Kind::require:
        case Item::Kind::block: decl(item.decl); break;
        case Item::Kind::nested:
          line(line_of(item.path));
          ++depth_;
          body(item.body);
          --depth_;
          break;
        default: line(line_of(m_, item));
      }
    }
  }

  void turns(const std::vector<TurnId>& list) {
    for (TurnId id : list) std::visit([&](const auto& turn) { this->turn(turn); }, m_[id].node);
  }

  void turn(const Turn::Said& said) {
    static const char* const kRoles[] = {"system", "user", "assistant", "document"};
    const std::string head =
        std::string(said.masked ? "masked " : "") + kRoles[static_cast<size_t>(said.role)];
    if (const ExprId* text = std::get_if<ExprId>(&said.content))
      return line(head + " " + line_of(m_, *text));
    line(head + " one of");
    variants(std::get<OneOf>(said.content));
  }

  void turn(const Turn::Choice& choice) {
    line("choice " + choice.name.text + " one of");
    variants(choice.options);
  }

  void turn(const Turn::ForEach& loop) {
    line("for " + loop.variable.text + " in " + line_of(m_, loop.list));
    ++depth_;
    turns(loop.body);
    --depth_;
  }

  void turn(const Turn::If& branch) {
    line("if " + line_of(m_, branch.condition));
    ++depth_;
    turns(branch.then);
    --depth_;
    if (branch.otherwise.empty()) return;
    line("else");
    ++depth_;
    turns(branch.otherwise);
    --depth_;
  }

  void variants(const OneOf& options) {
    ++depth_;
    for (const Variant& v : options.variants) {
      std::string weight = std::to_string(v.weight);
      weight.erase(weight.find_last_not_of('0') + 1);
      if (weight.ends_with('.')) weight.pop_back();
      line(v.name.text + (v.held_out ? " held_out" : "") + ": " + line_of(m_, v.text) +
           (v.weight == 1 ? "" : " * " + weight));
    }
    --depth_;
  }

  const Module& m_;
  std::string out_;
  size_t depth_ = 0;
};

}  // namespace

std::string line_of(const Module& module, const Item& item) {
  switch (item.kind) {
    case Item::Kind::let:
    case Item::Kind::require: return Dumper(module).head(item.decl);
    case Item::Kind::block: {
      const auto& value = std::get<BlockDecl>(module[item.decl].node).value;
      const BodyId* body = std::get_if<BodyId>(&value);
      return Dumper(module).head(item.decl) + (body ? " " + line_of(module, *body) : "");
    }
    case Item::Kind::assign: return line_of(item.path) + " = " + line_of(module, item.value);
    case Item::Kind::axis_in: return line_of(item.path) + " in " + line_of(module, item.value);
    case Item::Kind::axis_draw: return line_of(item.path) + " ~ " + line_of(module, item.value);
    case Item::Kind::nested: return line_of(item.path) + " " + line_of(module, item.body);
  }
  return "";
}

std::string dump(const Module& module) { return Dumper(module).run(); }

}  // namespace rexp::ast
