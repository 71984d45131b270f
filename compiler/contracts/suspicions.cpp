// Suspicions: what is allowed and rarely meant (R0801 to R0804). Said by `rexp check --pedantic` alone.
//
//   mixture lessons { next = 99.5%; describe = 0.5% }        R0801: a task that training hardly sees
//   let old_rate = 1e-3                                      R0802: nothing uses it
#include <algorithm>
#include <cctype>
#include <set>

#include "compiler/contracts/contracts.h"

namespace rexp::contracts {
using diagnostics::Kind;

namespace {

constexpr double kTinyShare = 0.01;

void suspect_shares(Subject& s) {
  for (const Value& value : s.values) {
    const auto* mixture = value.shared<eval::Mixture>();
    for (size_t i = 0; mixture != nullptr && i < mixture->entries.size(); ++i) {
      const eval::MixtureEntry& entry = mixture->entries[i];
      if (!entry.share || entry.weight >= kTinyShare) continue;
      s.e.program.sink
          .add(Kind::tiny_share, entry.span,
               "task `" + entry.name + "` is less than 1% of the mixture")
          .help = "leave it out, or give it a share that is seen in training";
    }
  }
}

// ---- names ----------------------------------------------------------------------------------------------------------------

/// Every name that the expressions, types and bodies of a module mention.
class Mentions {
 public:
  explicit Mentions(const ast::Module& tree) {
    for (const ast::Expr& expr : tree.expr_nodes) {
      if (const auto* name = std::get_if<ast::NameRef>(&expr.node)) add(name->name);
      if (const auto* field = std::get_if<ast::FieldRef>(&expr.node)) {
        add(field->field);
        const auto* of = std::get_if<ast::NameRef>(&tree[field->object].node);
        const auto* inner = std::get_if<ast::FieldRef>(&tree[field->object].node);
        const std::string owner = of != nullptr      ? of->name.text
                                  : inner != nullptr ? inner->field.text
                                                     : std::string();
        fields_.insert({owner, field->field.text});
      }
    }
    for (const ast::Type& type : tree.type_nodes) {
      if (const auto* named = std::get_if<ast::Type::Named>(&type.node)) add(named->path);
    }
    for (const ast::Body& body : tree.body_nodes) {
      for (const ast::Item& item : body.items) add(item.path);
    }
  }
  bool name(const std::string& text) const { return names_.count(text) > 0; }
  /// `owner.field`
  bool field(const std::string& owner, const std::string& text) const {
    return fields_.count({owner, text}) > 0;
  }

 private:
  void add(const ast::Name& name) { names_.insert(name.text); }
  void add(const ast::Path& path) {
    for (const ast::Name& name : path) add(name);
  }
  std::set<std::string> names_;
  std::set<std::pair<std::string, std::string>> fields_;
};

void suspect_declarations(Subject& s, const std::vector<Symbol>& outermost) {
  Program& program = s.e.program;
  const Mentions mentions(program.module(program.main()).tree);
  for (const Symbol symbol : program.user_declarations()) {
    const ast::Decl& decl = program.decl(symbol);
    const bool entry = std::find(outermost.begin(), outermost.end(), symbol) != outermost.end() ||
                       std::holds_alternative<ast::KindDecl>(decl.node);
    if (symbol.module != program.main() || entry || decl.name.text.empty()) continue;
    if (mentions.name(decl.name.text)) continue;
    program.sink
        .add(Kind::unused_declaration, decl.name.span, "nothing uses `" + decl.name.text + "`")
        .help = "remove it, or use it";
  }
}

// ---- wordings -------------------------------------------------------------------------------------------------------------

/// The source of a wording without what is blank.
std::string letters(const Program& program, const ast::Variant& variant) {
  std::string out;
  for (const char c : program.sources.text(variant.text.span)) {
    if (std::isspace(static_cast<unsigned char>(c)) == 0) out += c;
  }
  return out;
}

void suspect_alike(Program& program, const ast::OneOf& options) {
  for (size_t i = 0; i < options.variants.size(); ++i) {
    for (size_t j = 0; j < i; ++j) {
      const ast::Variant &a = options.variants[j], &b = options.variants[i];
      if (letters(program, a) != letters(program, b)) continue;
      auto& warning = program.sink.add(
          Kind::wordings_alike, b.text.span,
          "the wordings `" + a.name.text + "` and `" + b.name.text + "` differ in blanks alone");
      warning.secondary.push_back({a.text.span, "the other"});
      break;
    }
  }
}

void suspect_wordings(Subject& s) {
  Program& program = s.e.program;
  const Mentions mentions(program.module(program.main()).tree);
  for (const Symbol symbol : program.user_declarations()) {
    const ast::Decl& decl = program.decl(symbol);
    if (!std::holds_alternative<ast::TemplateDecl>(decl.node)) continue;
    const bool all = mentions.field(decl.name.text, "variants");
    check::each_choice(program, symbol, [&](const ast::OneOf& options) {
      suspect_alike(program, options);
      for (const ast::Variant& variant : options.variants) {
        if (!variant.held_out || all || mentions.field(decl.name.text, variant.name.text)) continue;
        program.sink
            .add(Kind::unasked_wording, variant.name.span,
                 "`" + variant.name.text + "` is held out of training, and nobody asks with it")
            .help =
            "ask with it in a protocol: `ask = " + decl.name.text + "." + variant.name.text + "`";
      }
    });
  }
}

}  // namespace

void check_suspicions(Subject& s) {
  std::vector<Symbol> outermost = blocks_of(s.e.program, Known::Experiment);
  for (const Symbol symbol : blocks_of(s.e.program, Known::Sweep)) outermost.push_back(symbol);
  suspect_shares(s);
  suspect_wordings(s);
  // a file of templates, datasets and stages is used by others
  if (!outermost.empty()) suspect_declarations(s, outermost);
}

}  // namespace rexp::contracts
