// What happens when the parser meets a token that cannot stand where it stands: one message in our
// words, then on with the next thing of the same bracket.
//
//   stage learn {
//     length 3 epochs        <- reported; skipped to the next line of this block
//     data = next            <- read
//   }
#pragma once

#include <set>

#include "RexpParser.h"
#include "compiler/parse/scanner.h"

namespace rexp::parse {

/// Thrown out of the generated parser (which only catches its own errors) when the input nests too
/// deeply to be walked safely.
struct TooDeep {
  source::Span span;
};

/// Thrown when so much has been reported that the rest is not worth reading.
struct TooManyErrors {};

/// Counts open rules.
class DepthGuard : public antlr4::tree::ParseTreeListener {
 public:
  explicit DepthGuard(const PointMap& points) : points_(points) {}

  void enterEveryRule(antlr4::ParserRuleContext* context) override;
  void exitEveryRule(antlr4::ParserRuleContext*) override { --depth_; }
  void visitTerminal(antlr4::tree::TerminalNode*) override {}
  void visitErrorNode(antlr4::tree::ErrorNode*) override {}
  void reset() { depth_ = 0; }

 private:
  const PointMap& points_;
  int depth_ = 0;
};

/// For each token: the bracket around it, and for each opening bracket its partner. A `(` or `[`
/// without a partner counts as none.
class Brackets {
 public:
  explicit Brackets(const std::vector<antlr4::Token*>& tokens);
  int around(size_t token) const { return around_[token]; }    // index of the opening token, or -1
  int partner(size_t token) const { return partner_[token]; }  // index of the closing token, or -1

 private:
  std::vector<int> around_, partner_;
};

class Recovery : public antlr4::DefaultErrorStrategy {
 public:
  Recovery(antlr4::BufferedTokenStream& tokens, const Scan& scan, const PointMap& points,
           diagnostics::Sink& sink);

  void reportError(antlr4::Parser* parser, const antlr4::RecognitionException& error) override;
  void recover(antlr4::Parser* parser, std::exception_ptr error) override;
  antlr4::Token* recoverInline(antlr4::Parser* parser) override;
  void sync(antlr4::Parser* parser) override;

 protected:
  void reportMissingToken(antlr4::Parser* parser) override;

 private:
  void report(antlr4::Parser& parser, antlr4::Token& found);
  const antlr4::Token* missing_value(const antlr4::Token& name) const;
  source::Span end_of(const antlr4::Token& token) const;
  bool closes_inner(antlr4::ParserRuleContext& block, size_t at) const;
  void skip_to_boundary(antlr4::Parser& parser, size_t from);
  bool is_boundary(size_t index, int around, const antlr4::ParserRuleContext* context) const;
  bool starts_line(size_t index) const;
  antlr4::Token* before(size_t index) const;

  antlr4::BufferedTokenStream& stream_;
  std::vector<antlr4::Token*> tokens_;
  Brackets brackets_;
  const Scan& scan_;
  const PointMap& points_;
  diagnostics::Sink& sink_;
  size_t reported_ = 0;
  size_t settled_until_ = 0;      // an error up to this token has been reported or skipped over
  size_t last_index_ = SIZE_MAX;  // where recover() was last called, and from which states
  std::set<size_t> last_states_;
};

}  // namespace rexp::parse
