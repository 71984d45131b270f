#include "compiler/parse/recovery.h"

#include "compiler/parse/messages.h"

namespace rexp::parse {

namespace {

using Parser = rexp_grammar::RexpParser;
using antlr4::Token;
using antlr4::atn::ATNStateType;

constexpr int kMaxDepth = 2000;  // about 300 nested parentheses

bool is_text_open(size_t type) { return type == Parser::TEXT_OPEN || type == Parser::TEXT3_OPEN; }

bool is_hole_open(size_t type) { return type == Parser::HOLE || type == Parser::DIRECTIVE; }

/// The token that closes what `open` opens, or 0.
size_t closer_of(size_t open) {
  if (open == Parser::LPAREN) return Parser::RPAREN;
  if (open == Parser::LBRACK) return Parser::RBRACK;
  if (open == Parser::LBRACE || is_hole_open(open)) return Parser::RBRACE;
  if (is_text_open(open)) return Parser::TEXT_CLOSE;
  return 0;
}

bool is_closer(size_t type) {
  return type == Parser::RPAREN || type == Parser::RBRACK || type == Parser::RBRACE ||
         type == Parser::TEXT_CLOSE;
}

/// Words that open an item, a turn or a declaration.
bool is_starter(size_t type) {
  switch (type) {
    case Parser::IMPORT:
    case Parser::LET:
    case Parser::FN:
    case Parser::SCHEMA:
    case Parser::ENUM:
    case Parser::TEMPLATE:
    case Parser::REQUIRE:
    case Parser::EXTERN:
    case Parser::IF:
    case Parser::FOR: return true;
    default: return is_name_token(type);
  }
}

/// Rules that stand between lines: a token that fits none of their parts is wrong itself, not the
/// end of the line above.
bool is_loop_of_lines(size_t rule) {
  return rule == Parser::RuleModule || rule == Parser::RuleBody || rule == Parser::RuleTurns ||
         rule == Parser::RuleSchemaDecl || rule == Parser::RuleOneOf;
}

/// Braces whose parts are separated by commas: records, enums, cases, imported names.
bool separated_by_commas(const antlr4::ParserRuleContext* context) {
  for (const antlr4::RuleContext* c = context; c;
       c = dynamic_cast<const antlr4::RuleContext*>(c->parent)) {
    switch (c->getRuleIndex()) {
      case Parser::RuleRecord:
      case Parser::RuleEnumDecl:
      case Parser::RuleImportDecl:
      case Parser::RuleMatchExpr: return true;
      case Parser::RuleBody:
      case Parser::RuleTurns:
      case Parser::RuleSchemaDecl:
      case Parser::RuleOneOf: return false;
      default: break;
    }
  }
  return false;
}

}  // namespace

void DepthGuard::enterEveryRule(antlr4::ParserRuleContext* context) {
  if (++depth_ > kMaxDepth) throw TooDeep{points_.span(*context->getStart())};
}

// ---- Brackets -----------------------------------------------------------------------------------

Brackets::Brackets(const std::vector<Token*>& tokens)
    : around_(tokens.size(), -1), partner_(tokens.size(), -1) {
  std::vector<size_t> open;
  const auto is_round = [&](size_t i) {
    return tokens[i]->getType() == Parser::LPAREN || tokens[i]->getType() == Parser::LBRACK;
  };
  for (size_t i = 0; i < tokens.size(); ++i) {
    const size_t type = tokens[i]->getType();
    if (closer_of(type) != 0) open.push_back(i);
    if (!is_closer(type)) continue;
    size_t at = open.size();
    while (at > 0 && closer_of(tokens[open[at - 1]]->getType()) != type && is_round(open[at - 1]))
      --at;
    if (at == 0 || closer_of(tokens[open[at - 1]]->getType()) != type) continue;
    partner_[open[at - 1]] = static_cast<int>(i);
    open.resize(at - 1);
  }
  std::vector<int> inside = {-1};
  for (size_t i = 0; i < tokens.size(); ++i) {
    around_[i] = inside.back();
    if (partner_[i] >= 0) inside.push_back(static_cast<int>(i));
    if (inside.back() >= 0 && partner_[inside.back()] == static_cast<int>(i)) inside.pop_back();
  }
}

// ---- Recovery -----------------------------------------------------------------------------------

Recovery::Recovery(antlr4::BufferedTokenStream& tokens, const Scan& scan, const PointMap& points,
                   diagnostics::Sink& sink)
    : stream_(tokens),
      tokens_(tokens.getTokens()),
      brackets_(tokens_),
      scan_(scan),
      points_(points),
      sink_(sink) {}

void Recovery::reportError(antlr4::Parser* parser, const antlr4::RecognitionException& error) {
  report(*parser, *error.getOffendingToken());
}

void Recovery::reportMissingToken(antlr4::Parser* parser) {
  report(*parser, *parser->getCurrentToken());
}

void Recovery::report(antlr4::Parser& parser, Token& found) {
  // Rules that are left one after the other at the place of one error all complain about the same
  // token.
  if (inErrorRecoveryMode(&parser) && found.getTokenIndex() <= settled_until_) return;
  beginErrorCondition(&parser);
  settled_until_ = found.getTokenIndex();
  if (scan_.lines_with_errors.contains(found.getLine())) return;
  if (++reported_ > kMaxErrors) throw TooManyErrors{};
  const Token* previous = before(found.getTokenIndex());
  const Token* value_missing =
      previous && found.getType() == Parser::ASSIGN ? missing_value(*previous) : nullptr;
  if (value_missing) {
    sink_.add(diagnostics::Kind::syntax, end_of(*value_missing),
              "found the end of the line behind `=` where a value is required");
    return;
  }
  const bool broken_off = previous && previous->getLine() != found.getLine() &&
                          !is_loop_of_lines(parser.getContext()->getRuleIndex());
  if (broken_off && scan_.lines_with_errors.contains(previous->getLine())) return;
  const Message message = syntax_message(parser, found, previous, broken_off);
  sink_
      .add(diagnostics::Kind::syntax, broken_off ? end_of(*previous) : points_.span(found),
           message.text)
      .help = message.help;
}

/// `lr =` and on the next line `length = 3`: read as `lr = length`, and the second `=` is one too
/// many. Returns the first.
const Token* Recovery::missing_value(const Token& name) const {
  const Token* sign = before(name.getTokenIndex());
  return is_name_token(name.getType()) && sign && sign->getType() == Parser::ASSIGN &&
                 sign->getLine() != name.getLine()
             ? sign
             : nullptr;
}

source::Span Recovery::end_of(const Token& token) const {
  const source::Span span = points_.span(token);
  return {span.file, span.end, span.end};
}

Token* Recovery::before(size_t index) const {
  while (index > 0) {
    if (tokens_[--index]->getChannel() == Token::DEFAULT_CHANNEL) return tokens_[index];
  }
  return nullptr;
}

bool Recovery::starts_line(size_t index) const {
  const Token* previous = before(index);
  return !previous || previous->getLine() != tokens_[index]->getLine();
}

bool Recovery::is_boundary(size_t index, int around,
                           const antlr4::ParserRuleContext* context) const {
  const size_t type = tokens_[index]->getType();
  if (type == Token::EOF) return true;
  if (around >= 0 && brackets_.partner(around) == static_cast<int>(index)) return true;
  if (brackets_.around(index) != around) return false;
  if (around >= 0) {
    const size_t open = tokens_[around]->getType();
    if (open == Parser::LPAREN || open == Parser::LBRACK) return type == Parser::COMMA;
    if (open != Parser::LBRACE) return false;
  }
  if (type == Parser::SEMI) return true;
  if (type == Parser::COMMA) return separated_by_commas(context);
  if (!is_starter(type) || !starts_line(index)) return false;
  return around >= 0 || !is_name_token(type) || tokens_[index]->getCharPositionInLine() == 0;
}

/// Moves to the first boundary at or after `from` in the bracket that `from` stands in.
void Recovery::skip_to_boundary(antlr4::Parser& parser, size_t from) {
  int around = brackets_.around(from);
  // A broken directive takes the rest of its text with it: without it, its `%{end}` makes no sense.
  while (around >= 0 && tokens_[around]->getType() == Parser::DIRECTIVE)
    around = brackets_.around(around);
  size_t index = from;
  while (index + 1 < tokens_.size() && !is_boundary(index, around, parser.getContext())) ++index;
  stream_.seek(index);
  settled_until_ = index;
}

void Recovery::recover(antlr4::Parser* parser, std::exception_ptr error) {
  size_t from = parser->getCurrentToken()->getTokenIndex();
  try {
    std::rethrow_exception(error);
  } catch (const antlr4::NoViableAltException& e) {
    from = std::max(from, e.getOffendingToken()->getTokenIndex());
  } catch (const antlr4::RecognitionException&) {
  }
  const bool again = last_index_ == from && last_states_.contains(parser->getState());
  if (last_index_ != from) last_states_.clear();
  last_index_ = from;
  last_states_.insert(parser->getState());
  if (again && from + 1 < tokens_.size()) ++from;
  skip_to_boundary(*parser, from);
}

Token* Recovery::recoverInline(antlr4::Parser* parser) {
  // Only signs that carry no meaning of their own are put in for the user; names and values are
  // not.
  static const std::set<size_t> kInsertable = {Parser::ASSIGN, Parser::COLON, Parser::RPAREN,
                                               Parser::RBRACK, Parser::FAT};
  const auto& transitions = parser->getATN().states[parser->getState()]->transitions;
  const auto wanted = transitions[0]->label();
  const bool insertable =
      wanted.size() == 1 && kInsertable.contains(static_cast<size_t>(wanted.getMinElement()));
  if (insertable && singleTokenInsertion(parser)) return getMissingSymbol(parser);
  throw antlr4::InputMismatchException(parser);
}

void Recovery::sync(antlr4::Parser* parser) {
  auto* state = parser->getATN().states[parser->getState()];
  switch (state->getStateType()) {
    case ATNStateType::BLOCK_START:
    case ATNStateType::STAR_BLOCK_START:
    case ATNStateType::PLUS_BLOCK_START:
    case ATNStateType::STAR_LOOP_ENTRY:
    case ATNStateType::STAR_LOOP_BACK:
    case ATNStateType::PLUS_LOOP_BACK: break;
    default: return;
  }
  const auto& next = parser->getATN().nextTokens(state);
  if (next.contains(Token::EPSILON)) return;
  const ATNStateType type = state->getStateType();
  const bool loops = type == ATNStateType::STAR_LOOP_ENTRY ||
                     type == ATNStateType::STAR_LOOP_BACK || type == ATNStateType::PLUS_LOOP_BACK;
  const bool of_lines = is_loop_of_lines(parser->getContext()->getRuleIndex());
  for (bool skipped = false;; skipped = true) {
    Token& found = *parser->getCurrentToken();
    const size_t at = found.getTokenIndex();
    const bool foreign = of_lines && loops && closes_inner(*parser->getContext(), at);
    if (!foreign && next.contains(static_cast<ssize_t>(found.getType()))) return;
    report(*parser, found);
    const int around = brackets_.around(at);
    const bool closes = around >= 0 && brackets_.partner(around) == static_cast<int>(at);
    const bool boundary = is_boundary(at, around, parser->getContext());
    const bool leave = !of_lines && (closes || skipped || boundary);
    if (!loops || found.getType() == Token::EOF || leave)
      throw antlr4::InputMismatchException(parser);
    skip_to_boundary(*parser, boundary ? at + 1 : at);
  }
}

/// A rule that was given up leaves the end of its bracket behind: it is not the end of the block
/// around it.
bool Recovery::closes_inner(antlr4::ParserRuleContext& block, size_t at) const {
  const int around = brackets_.around(at);
  if (around < 0 || brackets_.partner(around) != static_cast<int>(at)) return false;
  if (block.getRuleIndex() == Parser::RuleModule) return false;  // and has many children to search
  auto* brace = block.getToken(Parser::LBRACE, 0);
  return brace && static_cast<size_t>(around) != brace->getSymbol()->getTokenIndex();
}

}  // namespace rexp::parse
