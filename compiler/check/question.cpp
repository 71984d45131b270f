// R0312: a template that is used to ask shows everything before the first token that the model has to produce. That token is the first
// semantic id of a target that the last assistant turn prints. Where there are documents only it is that of the last document; a
// document that prints no target continues its last list of ids, whatever stands behind the list.
//
//   assistant "Title: ${next.title}. Id: ${next.sid}"     asked, this shows the answer's title
//   document "${h.sid sep ", "}. ${next.title}"           asked, this shows the history and a comma
#include <algorithm>
#include <utility>

#include "compiler/check/context.h"

namespace rexp::check {

namespace {

struct Question {
  Checker& c;
  ModuleId module = -1;
  const std::string& variant;
  const std::vector<Label>& labels;       // of the arguments, by parameter
  const ast::Turn::Said* last = nullptr;  // the turn that is answered
  std::string answer = {};                // the codebook of its last id
  Span asked_at = {};
  bool in_answer = false;
  bool continues = false;  // a list of ids ends what is shown
  bool stopped = false;
  bool fine = true;
};

Label effective(const Question& q, const Reads& reads) {
  Label label = reads.label;
  for (size_t i = 0; i < q.labels.size() && i < 64; ++i) {
    if ((reads.parameters >> i & 1) != 0) label = std::max(label, q.labels[i]);
  }
  return label;
}

void shown(Question& q, ast::ExprId id) {
  if (q.stopped || !id.valid()) return;
  const ExprInfo& info = q.c.typed.at(q.module, id);
  if (effective(q, info.reads) < Label::target) return;
  const Span span = q.c.tree(q.module)[id].span;
  auto& error = report(q.c, Kind::question_shows_answer, span, "the question shows the answer");
  error.primary.text = "read before the first token that the model has to produce";
  if (q.asked_at.file >= 0) error.secondary.push_back({q.asked_at, "asked here"});
  error.help =
      "print what is to be predicted behind the semantic id, or ask with a template that leaves it "
      "out";
  q.fine = false;
}

std::string codebook_of(const Question& q, ast::ExprId id) {
  const auto* field = std::get_if<ast::FieldRef>(&q.c.tree(q.module)[id].node);
  return field != nullptr ? field->field.text : "";
}

bool prints_ids(const Question& q, ast::ExprId id) {
  TypeId type = q.c.typed.at(q.module, id).type;
  if (q.c.types().kind(type) == TypeKind::list) type = q.c.types()[type].arguments[0];
  return q.c.program.is(type, Known::Sid);
}

bool prints_ids(const Question& q, const ast::TextPart& part) {
  if (part.kind == ast::TextPart::Kind::hole) return prints_ids(q, part.expr);
  return std::any_of(part.bodies.begin(), part.bodies.end(), [&](const ast::Text& body) {
    return std::any_of(body.parts.begin(), body.parts.end(),
                       [&](const ast::TextPart& inner) { return prints_ids(q, inner); });
  });
}

bool is_answer(const Question& q, ast::ExprId id) {
  return q.in_answer && prints_ids(q, id) &&
         effective(q, q.c.typed.at(q.module, id).reads) == Label::target &&
         (q.answer.empty() || codebook_of(q, id) == q.answer);
}

/// The codebook of the last semantic id of a target that a text prints.
void find_answer(Question& q, const ast::Text& text, std::string* found) {
  for (const ast::TextPart& part : text.parts) {
    if (part.kind == ast::TextPart::Kind::hole && is_answer(q, part.expr))
      *found = codebook_of(q, part.expr);
    for (const ast::Text& body : part.bodies) find_answer(q, body, found);
  }
}

void walk(Question& q, const ast::Text& text);

void walk(Question& q, const ast::OneOf& options) {
  const bool named = std::any_of(options.variants.begin(), options.variants.end(),
                                 [&](const auto& v) { return v.name.text == q.variant; });
  bool all = true, any = false;
  const bool before = q.stopped;
  for (const ast::Variant& v : options.variants) {
    if (named ? v.name.text != q.variant : v.held_out) continue;
    q.stopped = before;
    walk(q, v.text);
    all = all && q.stopped;
    any = true;
  }
  q.stopped = before || (any && all);
}

void walk(Question& q, const ast::TextPart& part) {
  using Part = ast::TextPart::Kind;
  if (part.kind == Part::chars || q.stopped) return;
  if (part.kind == Part::hole && is_answer(q, part.expr)) {
    q.stopped = true;
    return;
  }
  shown(q, part.expr);
  const bool before = q.stopped;
  const bool loop = part.kind == Part::for_each;
  const bool continues = std::exchange(q.continues, q.continues && !loop);
  bool all = part.bodies.size() > 1;
  for (const ast::Text& body : part.bodies) {
    q.stopped = before;
    walk(q, body);
    all = all && q.stopped;
  }
  q.continues = continues;
  q.stopped = before || (loop ? q.stopped : all);
  for (const ast::Text& separator : part.separator) walk(q, separator);
}

void walk(Question& q, const ast::Text& text) {
  const auto last = std::find_if(text.parts.rbegin(), text.parts.rend(),
                                 [&](const ast::TextPart& part) { return prints_ids(q, part); });
  for (const ast::TextPart& part : text.parts) {
    walk(q, part);
    const bool ends = q.in_answer && q.continues && last != text.parts.rend() && &part == &*last;
    q.stopped = q.stopped || (ends && part.kind != ast::TextPart::Kind::if_);
  }
}

void walk(Question& q, const std::vector<ast::TurnId>& turns) {
  for (ast::TurnId id : turns) {
    const auto& node = q.c.tree(q.module)[id].node;
    if (const auto* said = std::get_if<ast::Turn::Said>(&node)) {
      q.in_answer = said == q.last;
      if (const auto* options = std::get_if<ast::OneOf>(&said->content)) {
        walk(q, *options);
        continue;
      }
      const ast::ExprId content = std::get<ast::ExprId>(said->content);
      const auto* literal = std::get_if<ast::TextLiteral>(&q.c.tree(q.module)[content].node);
      if (literal != nullptr)
        walk(q, literal->text);
      else
        shown(q, content);
    } else if (const auto* choice = std::get_if<ast::Turn::Choice>(&node)) {
      walk(q, choice->options);
    } else if (const auto* loop = std::get_if<ast::Turn::ForEach>(&node)) {
      shown(q, loop->list);
      walk(q, loop->body);
    } else {
      const auto& test = std::get<ast::Turn::If>(node);
      shown(q, test.condition);
      const bool before = q.stopped;
      walk(q, test.then);
      const bool then = q.stopped;
      q.stopped = before;
      walk(q, test.otherwise);
      q.stopped = before || (then && q.stopped);
    }
  }
}

/// The last turn that says something, whichever way the template goes.
const ast::Turn::Said* last_said(const ast::Module& tree, const std::vector<ast::TurnId>& turns) {
  for (size_t i = turns.size(); i-- > 0;) {
    const auto& node = tree[turns[i]].node;
    if (const auto* said = std::get_if<ast::Turn::Said>(&node)) return said;
    if (const auto* loop = std::get_if<ast::Turn::ForEach>(&node)) {
      if (const auto* said = last_said(tree, loop->body)) return said;
    } else if (const auto* test = std::get_if<ast::Turn::If>(&node)) {
      if (const auto* said = last_said(tree, test->then)) return said;
      if (const auto* said = last_said(tree, test->otherwise)) return said;
    }
  }
  return nullptr;
}

bool any_assistant(const ast::Module& tree, const std::vector<ast::TurnId>& turns) {
  return std::any_of(turns.begin(), turns.end(), [&](ast::TurnId id) {
    const auto& node = tree[id].node;
    if (const auto* said = std::get_if<ast::Turn::Said>(&node))
      return said->role == ast::Role::assistant;
    if (const auto* loop = std::get_if<ast::Turn::ForEach>(&node))
      return any_assistant(tree, loop->body);
    const auto* test = std::get_if<ast::Turn::If>(&node);
    return test != nullptr &&
           (any_assistant(tree, test->then) || any_assistant(tree, test->otherwise));
  });
}

/// The codebook of the last id of a target that a turn prints.
std::string find_answer(Question& q, const ast::Turn::Said& turn) {
  std::string found;
  if (const auto* options = std::get_if<ast::OneOf>(&turn.content)) {
    for (const ast::Variant& variant : options->variants) find_answer(q, variant.text, &found);
    return found;
  }
  const auto& content = q.c.tree(q.module)[std::get<ast::ExprId>(turn.content)].node;
  if (const auto* literal = std::get_if<ast::TextLiteral>(&content))
    find_answer(q, literal->text, &found);
  return found;
}

}  // namespace

bool check_question(Program& program, Typed& typed, Symbol symbol, const std::string& variant,
                    const std::vector<Label>& arguments, Span asked_at) {
  Checker c{program, typed};
  const auto& declared = std::get<ast::TemplateDecl>(program.decl(symbol).node);
  const ast::Module& tree = program.module(symbol.module).tree;
  Question q{c, symbol.module, variant, arguments};
  q.asked_at = asked_at;
  const ast::Turn::Said* last = last_said(tree, declared.turns);
  const ast::Role answers =
      any_assistant(tree, declared.turns) ? ast::Role::assistant : ast::Role::document;
  if (last != nullptr && last->role == answers) {
    q.last = last;
    q.in_answer = true;
    q.answer = find_answer(q, *last);
    q.continues = answers == ast::Role::document && q.answer.empty();
  }
  walk(q, declared.turns);
  return q.fine;
}

}  // namespace rexp::check
