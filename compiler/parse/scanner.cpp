#include "compiler/parse/scanner.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "compiler/parse/cases.h"

namespace rexp::parse {

namespace {

using diagnostics::Diagnostic;
using diagnostics::Kind;
using Lexer = rexp_grammar::RexpLexer;
using TokenPtr = std::unique_ptr<antlr4::Token>;

constexpr size_t kMaxTokens = 500'000;

struct Lookalike {
  const char* seen;
  size_t token;
  const char* written;
};
const Lookalike kLookalikes[] = {
#define REXP_LOOKALIKE(seen, token, written) {seen, Lexer::token, written},
#include "grammar/syntax_messages.def"
};

struct Stray {
  const char* seen;
  const char* help;
};
const Stray kStrays[] = {
#define REXP_STRAY(seen, help) {seen, help},
#include "grammar/syntax_messages.def"
};

enum class Bracket { brace, text, block, hole };

struct Open {
  Bracket bracket;
  source::Span span;
  size_t line;
  size_t indent;  // of the line it stands on
  size_t told;    // diagnostics before it
};

class Scanner {
 public:
  Scanner(GuardedLexer& lexer, const PointMap& points, bool heal)
      : lexer_(lexer), points_(points), heal_(heal) {}

  Scan run() {
    lexer_.restart();
    for (;;) {
      TokenPtr token = lexer_.nextToken();
      note_line(*token);
      if (token->getType() == antlr4::Token::EOF) {
        end_file(*token);
        out_.tokens.push_back(std::move(token));
        separate_cases(out_.tokens, [&](const antlr4::Token& before) {
          return make(Lexer::COMMA, before.getStartIndex(), before.getStartIndex(),
                      before.getLine());
        });
        return std::move(out_);
      }
      if (at_limit(*token)) return std::move(out_);
      take(std::move(token));
    }
  }

  bool found_open_brace() const { return found_open_brace_; }

 private:
  /// A file that is no program, or more than one, is not read to its end.
  bool at_limit(const antlr4::Token& token) {
    const source::Span span = points_.span(token);
    if (++read_ > kMaxTokens) {
      error(Kind::too_large, span, "file has more than 500,000 words and signs",
            "split it into modules: `import other { name }`");
    } else if (token.getType() == Lexer::IDENT && span.end - span.begin > kMaxName) {
      error(Kind::too_large, {span.file, span.begin, span.begin + uint32_t{kMaxName}},
            "name has more than 256 bytes", "a sentence is written as a text, between quotes");
    } else if (out_.diagnostics.size() < kMaxErrors) {
      return false;
    }
    out_.stopped = true;
    out_.tokens.clear();
    out_.tokens.push_back(
        make(antlr4::Token::EOF, token.getStartIndex(), token.getStartIndex(), token.getLine()));
    return true;
  }

  void note_line(const antlr4::Token& token) {
    first_on_line_ = token.getLine() != line_;
    if (!first_on_line_ || token.getType() == Lexer::NEWLINE) return;
    line_ = token.getLine();
    indent_ = token.getCharPositionInLine();
  }

  void take(TokenPtr token) {
    switch (token->getType()) {
      case Lexer::NEWLINE: return end_line(*token);
      case Lexer::HASH_COMMENT:
        return reject(*token, "comment starts with `#`", "comments start with `//`");
      case Lexer::STAR_COMMENT:
        return reject(*token, "comment starts with `/*`",
                      "comments start with `//` and end with the line");
      case Lexer::QUOTED: return requote(*token);
      case Lexer::LOOKALIKE: return replace(std::move(token));
      case Lexer::BAD: return reject_character(*token);
      case Lexer::UNIT:
        if (!follows_number(*token)) retype(*token, Lexer::IDENT);
        break;
      case Lexer::WHERE:  // the method of lists and rows: `h.where(i => …)`
        if (previous_ && previous_->getType() == Lexer::DOT) retype(*token, Lexer::IDENT);
        break;
      case Lexer::IDENT:
        if (follows_number(*token)) unknown_unit(*token);
        break;
      default: break;
    }
    track(std::move(token));
  }

  /// `3 days`: read as if the unit existed.
  void unknown_unit(antlr4::Token& token) {
    static const std::vector<std::string> kUnits = {"epochs", "steps", "tokens", "rows", "seeds",
                                                    "min",    "h",     "s",      "x"};
    const std::string near = diagnostics::nearest(token.getText(), kUnits);
    error(Kind::syntax, points_.span(token),
          "unknown unit `" + token.getText() + "`" +
              (near.empty() ? "" : "; did you mean `" + near + "`"),
          "the units are epochs, steps, tokens, rows, seeds, min, h, s, x (copies), %, KiB, MiB "
          "and GiB");
    out_.lines_with_errors.insert(token.getLine());
    retype(token, Lexer::UNIT);
  }

  /// Keeps the stack of open brackets.
  void track(TokenPtr token) {
    if (heal_ && starts_declaration(*token)) close_braces(*token);
    switch (token->getType()) {
      case Lexer::LBRACE: open(Bracket::brace, *token); break;
      case Lexer::TEXT_OPEN: open(Bracket::text, *token); break;
      case Lexer::TEXT3_OPEN: open(Bracket::block, *token); break;
      case Lexer::HOLE:
      case Lexer::DIRECTIVE: open(Bracket::hole, *token); break;
      case Lexer::TEXT_CLOSE: close(); break;
      case Lexer::RBRACE:
        if (open_.empty()) {
          error(Kind::stray_brace, points_.span(*token), "`}` closes nothing",
                "remove it, or look for a missing `{` above");
          return;
        }
        if (first_on_line_ && indent_ < open_.back().indent) suspect_ = open_.back();
        close();
        break;
      default: break;
    }
    emit(std::move(token));
  }

  void open(Bracket bracket, const antlr4::Token& token) {
    open_.push_back(
        Open{bracket, points_.span(token), token.getLine(), indent_, out_.diagnostics.size()});
    if (ends_with_line(open_.back())) ++open_on_line_;
  }

  void close() {
    if (ends_with_line(open_.back())) --open_on_line_;
    open_.pop_back();
  }

  static bool ends_with_line(const Open& open) {
    return open.bracket == Bracket::hole || open.bracket == Bracket::text;
  }

  /// A hole or a one-line text that is still open where its line ends is closed there.
  void end_line(const antlr4::Token& newline) {
    if (open_on_line_ == 0) return;
    const size_t keep = static_cast<size_t>(
        std::find_if(open_.begin(), open_.end(), ends_with_line) - open_.begin());
    report_unclosed(keep, newline.getStartIndex());
    // The text around an unclosed hole ends with its line only if it is a one-line text.
    close_down_to(keep, newline.getStartIndex(), newline.getLine());
  }

  void report_unclosed(size_t from, size_t end_point) {
    const Open* hole = nullptr;
    for (size_t i = from; i < open_.size(); ++i) {
      if (open_[i].bracket == Bracket::hole) hole = &open_[i];
      if (hole) break;
    }
    const Open& first = hole ? *hole : open_[from];
    out_.lines_with_errors.insert(first.line);
    if (hole) {
      // What follows it on the line was meant as text.
      auto& all = out_.diagnostics;
      const auto behind = [&](const Diagnostic& d) {
        return d.primary.span.begin > hole->span.begin;
      };
      const auto since = all.begin() + static_cast<ptrdiff_t>(std::min(hole->told, all.size()));
      all.erase(std::remove_if(since, all.end(), behind), all.end());
      error(Kind::syntax, hole->span, "hole is never closed",
            "a hole ends with `}` on its own line; write `\\$` for the character `$` itself where "
            "`{` follows");
    } else {
      source::Span span = first.span;
      if (first.bracket == Bracket::text) span.end = points_.span(end_point, end_point).begin;
      if (first.bracket == Bracket::block) span.end = span.begin + 3;
      error(Kind::unterminated_text, span, "text is never closed",
            first.bracket == Bracket::block ? "close it with `\"\"\"` on a line of its own"
                                            : "close it with `\"`, or write a text of several "
                                              "lines between `\"\"\"` and `\"\"\"`");
    }
  }

  void close_down_to(size_t keep, size_t point, size_t line) {
    while (open_.size() > keep) {
      const Bracket bracket = open_.back().bracket;
      const bool text = bracket == Bracket::text || bracket == Bracket::block;
      emit(make(text ? Lexer::TEXT_CLOSE : Lexer::RBRACE, point, point, line));
      lexer_.popMode();
      close();
    }
  }

  void end_file(const antlr4::Token& end) {
    const size_t point = out_.tokens.empty() ? 0 : out_.tokens.back()->getStopIndex() + 1;
    for (size_t i = 0; i < open_.size(); ++i) {
      if (open_[i].bracket == Bracket::brace) continue;
      report_unclosed(i, end.getStartIndex());
      close_down_to(i, point, end.getLine());
    }
    if (open_.empty()) return;
    report_open_brace();
    close_down_to(0, point, end.getLine());
  }

  void report_open_brace() {
    found_open_brace_ = true;
    const bool suspected = suspect_ && suspect_->span.begin >= open_.back().span.begin;
    const Open& brace = suspected ? *suspect_ : open_.back();
    error(Kind::syntax, brace.span, "`{` is never closed", "add the missing `}`");
    suspect_.reset();
  }

  /// In a file whose braces do not match, a declaration at the left margin ends every open block.
  bool starts_declaration(const antlr4::Token& token) const {
    if (!first_on_line_ || token.getCharPositionInLine() != 0) return false;
    switch (token.getType()) {
      case Lexer::IMPORT:
      case Lexer::LET:
      case Lexer::FN:
      case Lexer::SCHEMA:
      case Lexer::ENUM:
      case Lexer::TEMPLATE:
      case Lexer::REQUIRE:
      case Lexer::EXTERN:
      case Lexer::KIND:
      case Lexer::IDENT: break;
      default: return false;
    }
    for (const Open& open : open_) {
      if (open.bracket != Bracket::brace) return false;
    }
    return !open_.empty();
  }

  void close_braces(const antlr4::Token& before) {
    report_open_brace();
    close_down_to(0, before.getStartIndex(), before.getLine());
  }

  bool follows_number(const antlr4::Token& token) const {
    return previous_ && previous_->getType() == Lexer::NUMBER &&
           previous_->getLine() == token.getLine();
  }

  void requote(const antlr4::Token& token) {
    const bool ascii = static_cast<unsigned char>(token.getText()[0]) < 0x80;
    error(Kind::bad_character, points_.span(token),
          ascii ? "text stands in other quotes" : "text stands in typographic quotes",
          "write it between `\"` and `\"`");
    out_.lines_with_errors.insert(token.getLine());
    const size_t begin = token.getStartIndex(), end = token.getStopIndex() + 1;
    emit(make(Lexer::TEXT_OPEN, begin, begin + 1, token.getLine()));
    if (end - begin > 2) emit(make(Lexer::CHARS, begin + 1, end - 1, token.getLine()));
    emit(make(Lexer::TEXT_CLOSE, end - 1, end, token.getLine()));
  }

  void replace(TokenPtr token) {
    for (const Lookalike& row : kLookalikes) {
      if (token->getText() != row.seen) continue;
      error(Kind::bad_character, points_.span(*token),
            std::string("found `") + row.seen + "` where rexp writes `" + row.written + "`", "");
      retype(*token, row.token);
      if (row.token == Lexer::LBRACE) lexer_.pushMode(Lexer::DEFAULT_MODE);
      if (row.token == Lexer::RBRACE) lexer_.popMode();
      return track(std::move(token));
    }
    reject_character(*token);
  }

  void reject_character(const antlr4::Token& token) {
    const std::string seen = token.getText();
    std::string help;
    for (const Stray& row : kStrays) {
      if (seen == row.seen) help = row.help;
    }
    const bool control = seen.size() == 1 && static_cast<unsigned char>(seen[0]) < 0x20;
    reject(token, control ? "unexpected control character" : "unexpected character `" + seen + "`",
           help);
  }

  void reject(const antlr4::Token& token, const std::string& message, const std::string& help) {
    error(Kind::bad_character, points_.span(token), message, help);
    out_.lines_with_errors.insert(token.getLine());
  }

  void error(Kind kind, source::Span span, std::string message, std::string help) {
    out_.diagnostics.push_back(
        Diagnostic{kind, std::move(message), {span, ""}, {}, std::move(help)});
  }

  static void retype(antlr4::Token& token, size_t type) {
    dynamic_cast<antlr4::WritableToken&>(token).setType(type);
  }

  TokenPtr make(size_t type, size_t begin, size_t end, size_t line) {
    auto token = std::make_unique<antlr4::CommonToken>(
        std::pair<antlr4::TokenSource*, antlr4::CharStream*>(&lexer_, lexer_.getInputStream()),
        type, antlr4::Token::DEFAULT_CHANNEL, begin, end - 1);
    token->setLine(line);
    if (end == begin) token->setText("");
    return token;
  }

  void emit(TokenPtr token) {
    if (token->getChannel() == antlr4::Token::DEFAULT_CHANNEL) previous_ = token.get();
    out_.tokens.push_back(std::move(token));
  }

  GuardedLexer& lexer_;
  const PointMap& points_;
  const bool heal_;
  Scan out_;
  std::vector<Open> open_;
  size_t open_on_line_ = 0;      // those of them that end with their line at the latest
  std::optional<Open> suspect_;  // a brace whose `}` stands further left than its line
  const antlr4::Token* previous_ = nullptr;
  size_t read_ = 0;  // tokens, comments and ends of lines included
  size_t line_ = 0;
  size_t indent_ = 0;
  bool first_on_line_ = false;
  bool found_open_brace_ = false;
};

}  // namespace

PointMap::PointMap(std::string_view text, source::FileId file) : file_(file) {
  bytes_.reserve(text.size() + 1);
  for (size_t i = 0; i < text.size(); ++i) {
    if ((text[i] & 0xC0) != 0x80) bytes_.push_back(static_cast<uint32_t>(i));
  }
  bytes_.push_back(static_cast<uint32_t>(text.size()));
}

source::Span PointMap::span(size_t begin_point, size_t end_point) const {
  const size_t last = bytes_.size() - 1;
  begin_point = std::min(begin_point, last);
  end_point = std::min(std::max(begin_point, end_point), last);
  return source::Span{file_, bytes_[begin_point], bytes_[end_point]};
}

source::Span PointMap::span(const antlr4::Token& token) const {
  return span(token.getStartIndex(), token.getStopIndex() + 1);
}

void GuardedLexer::restart() {
  reset();
  modeStack.clear();
  setMode(DEFAULT_MODE);
}

Scan scan(GuardedLexer& lexer, const PointMap& points) {
  Scanner plain(lexer, points, /*heal=*/false);
  Scan result = plain.run();
  if (!plain.found_open_brace()) return result;
  return Scanner(lexer, points, /*heal=*/true).run();
}

}  // namespace rexp::parse
