// Templates, turn by turn from the top: P1 a system or user turn reads past and what an earlier assistant turn has revealed, P2
// assistant and document turns may also read the target, P3 the future is never printed.
#include <algorithm>

#include "compiler/check/context.h"

namespace rexp::check {

namespace {

using EachChoice = std::function<void(const ast::OneOf&)>;

void each_choice_of(const ast::Module& tree, const std::vector<ast::TurnId>& turns,
                    const EachChoice& visit) {
  for (ast::TurnId id : turns) {
    const ast::Turn& turn = tree[id];
    if (const auto* said = std::get_if<ast::Turn::Said>(&turn.node)) {
      if (const auto* options = std::get_if<ast::OneOf>(&said->content)) visit(*options);
    } else if (const auto* choice = std::get_if<ast::Turn::Choice>(&turn.node)) {
      visit(choice->options);
    } else if (const auto* loop = std::get_if<ast::Turn::ForEach>(&turn.node)) {
      each_choice_of(tree, loop->body, visit);
    } else if (const auto* test = std::get_if<ast::Turn::If>(&turn.node)) {
      each_choice_of(tree, test->then, visit);
      each_choice_of(tree, test->otherwise, visit);
    }
  }
}

}  // namespace

void each_choice(const Program& program, Symbol symbol, const EachChoice& visit) {
  const auto& wording = std::get<ast::TemplateDecl>(program.decl(symbol).node);
  each_choice_of(program.module(symbol.module).tree, wording.turns, visit);
}

std::vector<std::string> variants_of(const Program& program, Symbol symbol) {
  std::vector<std::string> names;
  each_choice(program, symbol, [&](const ast::OneOf& options) {
    for (const ast::Variant& variant : options.variants) {
      if (std::find(names.begin(), names.end(), variant.name.text) == names.end())
        names.push_back(variant.name.text);
    }
  });
  return names;
}

namespace {

/// What is known while a template is read.
struct Reading {
  Checker& c;
  uint64_t targets = 0;   // parameters that are declared `target`
  uint64_t revealed = 0;  // those that earlier assistant turns have printed
  ast::Role role = ast::Role::document;
  bool prompts() const { return role == ast::Role::system || role == ast::Role::user; }
};

void check_read(Reading& r, const Scope& scope, const Reads& reads, Span span) {
  check_known(r.c, scope, reads, "a turn", span);
  const Span at = reads.origin.file >= 0 ? reads.origin : span;
  if (reads.peak == Label::future) {
    report(r.c, Kind::reads_future, at, "value contains events after the prediction point")
        .primary.text = "a `future` value can never be printed";
    return;
  }
  if (reads.peak != Label::target) return;
  const uint64_t roots = reads.parameters & r.targets;
  if (!r.prompts()) {
    r.revealed |= roots;
    return;
  }
  if (reads.label < Label::target && (roots & ~r.revealed) == 0) return;
  auto& error = report(r.c, Kind::prompt_reads_answer, at, "prompt reads the answer");
  error.primary.text =
      std::string("read in a `") + (r.role == ast::Role::system ? "system" : "user") + "` turn";
  if (reads.declared.file >= 0)
    error.secondary.push_back({reads.declared, "the model has to predict this"});
  error.help =
      "print it in an `assistant` turn, or take `h.last(1)` of a history `h` if the newest seen "
      "item was meant";
}

void print_text(Reading& r, const Scope& scope, const ast::Text& text);

/// "{h.sid}" where `h` is a name: other languages print it so.
void warn_about_braces(Reading& r, const Scope& scope, const ast::TextPart& part) {
  const std::string& chars = part.chars;
  for (size_t open = chars.find('{'); open != std::string::npos; open = chars.find('{', open + 1)) {
    const size_t end = chars.find_first_of("}.", open);
    if (end == std::string::npos) return;
    const std::string name = chars.substr(open + 1, end - open - 1);
    const Names* meant = name.empty() ? nullptr : find(scope.names, name);
    if (meant == nullptr) continue;
    const size_t close = chars.find('}', open);
    const std::string hole =
        close == std::string::npos ? "{" + name : chars.substr(open, close + 1 - open);
    report(r.c, Kind::braces_without_dollar, part.span,
           "`" + hole + "` is printed as it stands, though `" + name + "` is a name here")
        .help = "a hole is written `$" + hole + "`";
    if (scope.frame != nullptr)
      scope.frame->named |= meant->reads.parameters;  // it was meant to be read
    return;
  }
}

const Names* choice_of(Reading& r, const Scope& scope, ast::ExprId id) {
  const Names* local = local_of(r.c, scope, id);
  return local != nullptr && local->choice != nullptr ? local : nullptr;
}

void print_choice(Reading& r, const Scope& scope, const ast::OneOf& options) {
  for (const ast::Variant& variant : options.variants) print_text(r, scope, variant.text);
}

void print_hole(Reading& r, const Scope& scope, const ast::TextPart& part) {
  const Span span = span_of(r.c, scope, part.expr);
  const ExprInfo info = infer(r.c, scope, part.expr);
  if (const Names* choice = choice_of(r, scope, part.expr))
    return print_choice(r, scope, *choice->choice);
  if (printable(r.c, info.type, span, !part.separator.empty()))
    check_read(r, scope, info.reads, span);
  for (const ast::Text& separator : part.separator) print_text(r, scope, separator);
}

void print_loop(Reading& r, const Scope& scope, const ast::TextPart& part) {
  const Scope inner = check_loop(r.c, scope, part.expr, part.variable);
  const ExprInfo& list = r.c.typed.at(scope.module, part.expr);
  if (r.c.types().kind(list.type) == TypeKind::list)
    check_read(r, scope, list.reads, span_of(r.c, scope, part.expr));
  for (const ast::Text& body : part.bodies) print_text(r, inner, body);
  for (const ast::Text& separator : part.separator) print_text(r, scope, separator);
}

void print_if(Reading& r, const Scope& scope, const ast::TextPart& part) {
  const ExprInfo condition =
      expect(r.c, scope, part.expr, r.c.scalar(TypeKind::boolean), "condition");
  if (!r.c.types().is_error(condition.type))
    check_read(r, scope, condition.reads, span_of(r.c, scope, part.expr));
  const uint64_t before = r.revealed;
  uint64_t always = part.bodies.size() > 1 ? ~uint64_t{0} : before;
  for (size_t i = 0; i < part.bodies.size(); ++i) {
    r.revealed = before;
    Scope inner = scope;
    inner.names = narrow(r.c, scope, part.expr, i == 0);
    print_text(r, inner, part.bodies[i]);
    always &= r.revealed;
  }
  r.revealed = before | always;
}

void print_text(Reading& r, const Scope& scope, const ast::Text& text) {
  for (const ast::TextPart& part : text.parts) {
    switch (part.kind) {
      case ast::TextPart::Kind::chars: warn_about_braces(r, scope, part); break;
      case ast::TextPart::Kind::hole: print_hole(r, scope, part); break;
      case ast::TextPart::Kind::for_each: print_loop(r, scope, part); break;
      case ast::TextPart::Kind::if_: print_if(r, scope, part); break;
    }
  }
}

void check_one_of(Reading& r, const ast::OneOf& options) {
  bool trained = false;
  std::set<std::string> names;
  for (const ast::Variant& variant : options.variants) {
    trained = trained || !variant.held_out;
    if (!names.insert(variant.name.text).second)
      report(r.c, Kind::duplicate_name, variant.name.span,
             "variant `" + variant.name.text + "` is written twice");
    if (!(variant.weight > 0))
      report(r.c, Kind::condition_fails, variant.name.span,
             "the weight of a variant has to be above zero");
  }
  if (!trained && !options.variants.empty())
    report(r.c, Kind::trains_nothing, options.span,
           "every variant is held out, at least one has to be trained");
}

void check_said(Reading& r, const Scope& scope, const ast::Turn::Said& said) {
  r.role = said.role;
  if (const auto* options = std::get_if<ast::OneOf>(&said.content)) {
    check_one_of(r, *options);
    const uint64_t before = r.revealed;
    uint64_t always = ~uint64_t{0};
    for (const ast::Variant& variant : options->variants) {
      r.revealed = before;
      print_text(r, scope, variant.text);
      if (!variant.held_out) always &= r.revealed;
    }
    r.revealed = before | (options->variants.empty() ? 0 : always);
    return;
  }
  const ast::ExprId id = std::get<ast::ExprId>(said.content);
  if (const auto* literal = std::get_if<ast::TextLiteral>(&r.c.tree(scope.module)[id].node)) {
    r.c.typed.at(scope.module, id).type = r.c.scalar(TypeKind::text);
    return print_text(r, scope, literal->text);
  }
  const ExprInfo info = expect(r.c, scope, id, r.c.scalar(TypeKind::text), "a turn");
  if (const Names* choice = choice_of(r, scope, id)) return print_choice(r, scope, *choice->choice);
  if (!r.c.types().is_error(info.type)) check_read(r, scope, info.reads, span_of(r.c, scope, id));
}

bool speaks_prompt(const ast::Module& tree, const std::vector<ast::TurnId>& turns) {
  for (ast::TurnId id : turns) {
    const auto& node = tree[id].node;
    if (const auto* said = std::get_if<ast::Turn::Said>(&node)) {
      if (said->role == ast::Role::system || said->role == ast::Role::user) return true;
    } else if (const auto* loop = std::get_if<ast::Turn::ForEach>(&node)) {
      if (speaks_prompt(tree, loop->body)) return true;
    } else if (const auto* test = std::get_if<ast::Turn::If>(&node)) {
      if (speaks_prompt(tree, test->then) || speaks_prompt(tree, test->otherwise)) return true;
    }
  }
  return false;
}

Reads reads_of(Reading& r, const Scope& scope, const ast::Text& text) {
  Reads out;
  for (const ast::TextPart& part : text.parts) {
    if (part.kind == ast::TextPart::Kind::chars) continue;
    const ExprInfo info = infer(r.c, scope, part.expr);
    out = join(out, info.reads);
    Scope inner = scope;
    if (part.kind == ast::TextPart::Kind::for_each) {
      const bool list = r.c.types().kind(info.type) == TypeKind::list;
      inner.names = bind_name(scope.names, part.variable.text,
                              list ? r.c.types()[info.type].arguments[0] : TypeId{}, info.reads);
    }
    for (const ast::Text& body : part.bodies) out = join(out, reads_of(r, inner, body));
    for (const ast::Text& separator : part.separator)
      out = join(out, reads_of(r, scope, separator));
  }
  return out;
}

void check_turns(Reading& r, Scope scope, const std::vector<ast::TurnId>& turns);

void check_for(Reading& r, const Scope& scope, const ast::Turn::ForEach& loop) {
  const Scope inner = check_loop(r.c, scope, loop.list, loop.variable);
  const ExprInfo& list = r.c.typed.at(scope.module, loop.list);
  r.role =
      speaks_prompt(r.c.tree(scope.module), loop.body) ? ast::Role::user : ast::Role::assistant;
  if (r.c.types().kind(list.type) == TypeKind::list)
    check_read(r, scope, list.reads, span_of(r.c, scope, loop.list));
  check_turns(r, inner, loop.body);
}

void check_branch(Reading& r, const Scope& scope, const ast::Turn::If& test) {
  const ExprInfo condition =
      expect(r.c, scope, test.condition, r.c.scalar(TypeKind::boolean), "condition");
  const bool prompts = speaks_prompt(r.c.tree(scope.module), test.then) ||
                       speaks_prompt(r.c.tree(scope.module), test.otherwise);
  r.role = prompts ? ast::Role::user : ast::Role::assistant;
  if (!r.c.types().is_error(condition.type))
    check_read(r, scope, condition.reads, span_of(r.c, scope, test.condition));
  Scope then = scope, otherwise = scope;
  then.names = narrow(r.c, scope, test.condition, true);
  otherwise.names = narrow(r.c, scope, test.condition, false);
  const uint64_t before = r.revealed;
  check_turns(r, then, test.then);
  const uint64_t after_then = r.revealed;
  r.revealed = before;
  check_turns(r, otherwise, test.otherwise);
  r.revealed &= after_then;  // revealed for sure: on both ways
}

void check_turns(Reading& r, Scope scope, const std::vector<ast::TurnId>& turns) {
  for (ast::TurnId id : turns) {
    const auto& node = r.c.tree(scope.module)[id].node;
    if (const auto* said = std::get_if<ast::Turn::Said>(&node)) {
      check_said(r, scope, *said);
    } else if (const auto* choice = std::get_if<ast::Turn::Choice>(&node)) {
      check_one_of(r, choice->options);
      Names entry;
      entry.name = choice->name.text;
      entry.type = r.c.scalar(TypeKind::text);
      for (const ast::Variant& variant : choice->options.variants) {
        // as a value it reads what its wordings read
        entry.reads = join(entry.reads, reads_of(r, scope, variant.text));
      }
      entry.reads.world = World::row;
      entry.choice = &choice->options;
      scope.names = bind_name(scope.names, std::move(entry));
    } else if (const auto* loop = std::get_if<ast::Turn::ForEach>(&node)) {
      check_for(r, scope, *loop);
    } else {
      check_branch(r, scope, std::get<ast::Turn::If>(node));
    }
  }
}

}  // namespace

Signature template_signature(Checker& c, Symbol symbol) {
  const ast::Decl& decl = c.program.decl(symbol);
  const auto& declared = std::get<ast::TemplateDecl>(decl.node);
  Signature out;
  out.name = decl.name.text;
  out.module = symbol.module;
  out.span = decl.name.span;
  out.is_template = out.needs_row = true;
  out.result = c.program.known_type(Known::Example);
  out.prompts = speaks_prompt(c.tree(symbol.module), declared.turns);
  std::set<std::string> seen;
  for (const ast::Parameter& p : declared.parameters) {
    if (!seen.insert(p.name.text).second)
      report(c, Kind::duplicate_name, p.name.span,
             "parameter `" + p.name.text + "` is declared twice");
    SignatureParameter made;
    made.name = p.name.text;
    made.type = c.program.resolve(symbol.module, p.type);
    made.bound = c.program.label(symbol.module, p.type);  // without a label: static
    made.declared_bound = true;
    made.bound_at = p.name.span;
    made.initial = p.initial;
    made.span = p.name.span;
    out.parameters.push_back(std::move(made));
  }
  return out;
}

void check_template(Checker& c, Symbol symbol, Signature* signature) {
  const ast::Decl& decl = c.program.decl(symbol);
  const auto& declared = std::get<ast::TemplateDecl>(decl.node);
  Frame frame{*signature};
  Reading reading{c};
  Scope scope{symbol.module, nullptr, &frame};
  const std::vector<SignatureParameter> parameters = frame.signature.parameters;
  for (size_t i = 0; i < parameters.size(); ++i) {
    Reads reads;
    reads.parameters = i < 64 ? uint64_t{1} << i : 0;
    if (i >= 64 || only_per_row(c.program, parameters[i].type)) reads.world = World::row;
    reads.peak = parameters[i].bound;
    reads.declared = parameters[i].span;
    if (i >= 64) reads.label = parameters[i].bound;
    if (parameters[i].bound == Label::target) reading.targets |= reads.parameters;
    scope.names = bind_name(scope.names, parameters[i].name, parameters[i].type, reads);
  }
  check_turns(reading, scope, declared.turns);
  for (size_t i = 0; i < parameters.size() && i < 64; ++i) {
    if ((frame.named >> i & 1) != 0 || c.types().is_error(parameters[i].type)) continue;
    report(c, Kind::unread_parameter, parameters[i].span,
           "nothing in template `" + decl.name.text + "` reads `" + parameters[i].name + "`")
        .help = "print it, or leave the parameter out";
  }
  *signature = std::move(frame.signature);
}

}  // namespace rexp::check
