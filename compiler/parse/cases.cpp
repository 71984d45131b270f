#include "compiler/parse/cases.h"

#include <set>

#include "RexpLexer.h"
#include "compiler/parse/messages.h"

namespace rexp::parse {

namespace {

using Lexer = rexp_grammar::RexpLexer;
using Tokens = std::vector<std::unique_ptr<antlr4::Token>>;

bool begins_value(size_t type) {
  static const std::set<size_t> kTypes = {
      Lexer::NUMBER, Lexer::SIZE,   Lexer::TEXT_OPEN, Lexer::TEXT3_OPEN, Lexer::TRUE, Lexer::FALSE,
      Lexer::NONE,   Lexer::LPAREN, Lexer::LBRACK,    Lexer::LBRACE,     Lexer::NOT};
  return is_name_token(type) || kTypes.contains(type);
}

bool ends_value(size_t type) {
  static const std::set<size_t> kTypes = {
      Lexer::NUMBER, Lexer::SIZE, Lexer::UNIT,   Lexer::PERCENT, Lexer::TEXT_CLOSE, Lexer::TRUE,
      Lexer::FALSE,  Lexer::NONE, Lexer::RPAREN, Lexer::RBRACK,  Lexer::RBRACE};
  return is_name_token(type) || kTypes.contains(type);
}

const antlr4::Token* next_visible(const Tokens& tokens, size_t from) {
  for (size_t i = from; i < tokens.size(); ++i) {
    if (tokens[i]->getChannel() == antlr4::Token::DEFAULT_CHANNEL) return tokens[i].get();
  }
  return nullptr;
}

class CaseFinder {
 public:
  /// True when `token` begins a case on a new line behind a finished one.
  bool begins_case(const antlr4::Token& token, const antlr4::Token* previous,
                   const antlr4::Token* next) const {
    if (open_.empty() || open_.back() != Lexer::MATCH || !previous ||
        previous->getLine() == token.getLine())
      return false;
    if (!ends_value(previous->getType())) return false;
    const bool otherwise = token.getType() == Lexer::ELSE && next && next->getType() == Lexer::FAT;
    return otherwise || begins_value(token.getType());
  }

  void step(size_t type) {
    switch (type) {
      case Lexer::MATCH: subject_ = open_.size() + 1; break;
      case Lexer::LPAREN:
      case Lexer::LBRACK:
      case Lexer::HOLE:
      case Lexer::DIRECTIVE:
      case Lexer::TEXT_OPEN:
      case Lexer::TEXT3_OPEN: open_.push_back(type); break;
      case Lexer::LBRACE:
        // The first brace at the depth of the word `match` is its own.
        open_.push_back(subject_ == open_.size() + 1 ? size_t{Lexer::MATCH} : type);
        subject_ = 0;
        break;
      case Lexer::RPAREN:
      case Lexer::RBRACK:
      case Lexer::RBRACE:
      case Lexer::TEXT_CLOSE:
        if (!open_.empty()) open_.pop_back();
        break;
      default: break;
    }
  }

 private:
  std::vector<size_t> open_;  // opening tokens; MATCH stands for the brace of a match
  size_t subject_ = 0;        // one more than the depth of a `match` whose brace is still to come
};

}  // namespace

void separate_cases(
    Tokens& tokens,
    const std::function<std::unique_ptr<antlr4::Token>(const antlr4::Token&)>& comma) {
  Tokens out;
  out.reserve(tokens.size());
  CaseFinder finder;
  const antlr4::Token* previous = nullptr;
  for (size_t i = 0; i < tokens.size(); ++i) {
    const antlr4::Token& token = *tokens[i];
    if (token.getChannel() == antlr4::Token::DEFAULT_CHANNEL) {
      if (finder.begins_case(token, previous, next_visible(tokens, i + 1)))
        out.push_back(comma(token));
      finder.step(token.getType());
      previous = &token;
    }
    out.push_back(std::move(tokens[i]));
  }
  tokens = std::move(out);
}

}  // namespace rexp::parse
