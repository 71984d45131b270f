#include "compiler/parse/messages.h"

#include <set>
#include <vector>

#include "RexpParser.h"

namespace rexp::parse {

namespace {

/// The names that syntax_messages.def uses: those of the grammar, and the three wildcards.
struct Names : rexp_grammar::RexpParser {
  static constexpr size_t kNoRule = 100'000, kAnyToken = 100'001, kReservedWord = 100'002;
  static constexpr size_t RuleAny = kNoRule, Any = kAnyToken, Reserved = kReservedWord;
};

struct Row {
  size_t outer;     // a rule that the error is inside of
  size_t rule;      // the rule in which it happened
  size_t expected;  // a token that could have stood there
  size_t found;     // the token that stands there
  const char* text;
  const char* help;
};

const Row kRows[] = {
#define REXP_SYNTAX(outer, rule, expected, found, text, help) \
  {Names::Rule##outer, Names::Rule##rule, Names::expected, Names::found, text, help},
#include "grammar/syntax_messages.def"
};

bool is_reserved(antlr4::Parser& parser, size_t type) {
  if (type == antlr4::Token::EOF || is_name_token(type)) return false;
  const std::string_view literal = parser.getVocabulary().getLiteralName(type);
  return literal.size() > 2 && literal[1] >= 'a' && literal[1] <= 'z';
}

std::string describe(antlr4::Parser& parser, const antlr4::Token& token) {
  using Parser = rexp_grammar::RexpParser;
  switch (token.getType()) {
    case antlr4::Token::EOF: return "the end of the file";
    case Parser::TEXT_OPEN:
    case Parser::TEXT3_OPEN: return "a text";
    case Parser::TEXT_CLOSE: return "the end of the text";
    case Parser::CHARS:
    case Parser::BAD_ESCAPE: return "the characters of a text";
    default: break;
  }
  if (is_reserved(parser, token.getType())) return "the word `" + token.getText() + "`";
  const std::string text = token.getText();
  return text.empty() ? "the end of the block" : "`" + text + "`";
}

bool fits(antlr4::Parser& parser, size_t wanted, const antlr4::Token& found, bool broken_off) {
  if (wanted == Names::Any) return true;
  if (broken_off) return false;
  return wanted == Names::Reserved ? is_reserved(parser, found.getType())
                                   : wanted == found.getType();
}

std::string replace_all(std::string text, const std::string& hole, const std::string& value) {
  for (size_t at = text.find(hole); at != std::string::npos;
       at = text.find(hole, at + value.size())) {
    text.replace(at, hole.size(), value);
  }
  return text;
}

}  // namespace

bool is_name_token(size_t type) {
  using Parser = rexp_grammar::RexpParser;
  return type == Parser::IDENT || (type >= Parser::EDITION && type <= Parser::FUTURE);
}

Message syntax_message(antlr4::Parser& parser, antlr4::Token& found, const antlr4::Token* before,
                       bool broken_off) {
  std::set<size_t> inside;
  const auto* context = parser.getContext();
  for (const antlr4::RuleContext* c = context; c;
       c = dynamic_cast<const antlr4::RuleContext*>(c->parent)) {
    inside.insert(c->getRuleIndex());
  }
  const auto expected = parser.getExpectedTokens();
  for (const Row& row : kRows) {
    if (row.outer != Names::RuleAny && !inside.contains(row.outer)) continue;
    if (row.rule != Names::RuleAny && row.rule != context->getRuleIndex()) continue;
    if (row.expected != Names::Any && !expected.contains(static_cast<ssize_t>(row.expected)))
      continue;
    if (!fits(parser, row.found, found, broken_off)) continue;
    const auto fill = [&](std::string text) {
      text = replace_all(text, "{found}",
                         broken_off ? "the end of the line" : describe(parser, found));
      text = replace_all(text, "{word}", found.getText());
      return replace_all(text, "{before}", before ? before->getText() : "");
    };
    return {fill(row.text), fill(row.help)};
  }
  return {describe(parser, found) + " cannot stand here", ""};
}

}  // namespace rexp::parse
