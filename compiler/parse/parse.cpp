#include "compiler/parse/parse.h"

#include "compiler/parse/build.h"
#include "compiler/parse/recovery.h"
#include "runtime/base/utf8.h"

namespace rexp::parse {

namespace {

using antlr4::atn::ParserATNSimulator;
using antlr4::atn::PredictionMode;

/// Holds what ANTLR's trees point into, from characters to parser.
class Front {
 public:
  Front(std::string_view text, source::FileId file)
      : points_(text, file),
        input_(text),
        lexer_(&input_),
        scan_(read()),
        source_(std::move(tokens_)),
        stream_(&source_),
        parser_(&stream_),
        guard_(points_) {
    stream_.fill();
    parser_.removeErrorListeners();
    parser_.addParseListener(&guard_);
  }

  /// Runs a rule: first with the quick prediction and no recovery, and only where that fails with
  /// the full one and messages. Null when the file was not read to its end.
  template <class Rule>
  auto run(Rule rule, diagnostics::Sink& sink)
      -> decltype(rule(std::declval<rexp_grammar::RexpParser&>())) {
    for (diagnostics::Diagnostic& d : scan_.diagnostics) sink.add(std::move(d));
    if (scan_.stopped) return nullptr;
    try {
      parser_.getInterpreter<ParserATNSimulator>()->setPredictionMode(PredictionMode::SLL);
      parser_.setErrorHandler(std::make_shared<antlr4::BailErrorStrategy>());
      return rule(parser_);
    } catch (const antlr4::ParseCancellationException&) {
      restart();
      parser_.getInterpreter<ParserATNSimulator>()->setPredictionMode(PredictionMode::LL);
      parser_.setErrorHandler(std::make_shared<Recovery>(stream_, scan_, points_, sink));
      return rule(parser_);
    }
  }

  const PointMap& points() const { return points_; }
  antlr4::BufferedTokenStream& stream() { return stream_; }

 private:
  Scan read() {
    input_.follow(lexer_);
    Scan scanned = scan(lexer_, points_);
    tokens_ = std::move(scanned.tokens);
    return scanned;
  }

  void restart() {
    stream_.seek(0);
    parser_.reset();
    guard_.reset();
  }

  PointMap points_;
  Characters input_;
  GuardedLexer lexer_;
  std::vector<std::unique_ptr<antlr4::Token>> tokens_;
  Scan scan_;
  antlr4::ListTokenSource source_;
  antlr4::CommonTokenStream stream_;
  rexp_grammar::RexpParser parser_;
  DepthGuard guard_;
};

void report_too_deep(const TooDeep& e, diagnostics::Sink& sink) {
  sink.add(diagnostics::Kind::too_deep, e.span, "nesting is too deep").help =
      "give inner parts names with `let`";
}

bool is_utf8(std::string_view text, source::FileId file, diagnostics::Sink& sink) {
  const size_t bad = find_invalid_utf8(text);
  if (bad == std::string_view::npos) return true;
  const uint32_t at = static_cast<uint32_t>(bad);
  sink.add(diagnostics::Kind::bad_character, {file, at, at + 1}, "line is not UTF-8").help =
      "save the file with the encoding UTF-8";
  return false;
}

}  // namespace

ast::Module parse_module(const source::SourceMap& sources, source::FileId file,
                         diagnostics::Sink& sink) {
  ast::Module empty;
  empty.file = file;
  const std::string_view text = sources.text(file);
  if (!is_utf8(text, file, sink)) return empty;
  Front front(text, file);
  try {
    auto* tree = front.run([](rexp_grammar::RexpParser& parser) { return parser.module(); }, sink);
    if (tree == nullptr) return empty;
    return Builder(text, file, front.points(), front.stream(), sink).module(tree);
  } catch (const TooDeep& e) {
    report_too_deep(e, sink);
    return empty;
  } catch (const TooManyErrors&) {
    return empty;
  }
}

Fragment parse_expression(const source::SourceMap& sources, source::FileId file,
                          diagnostics::Sink& sink) {
  const std::string_view text = sources.text(file);
  const auto broken = [&] {
    Fragment fragment;
    fragment.module.file = file;
    fragment.module.expr_nodes.push_back(
        {{file, 0, static_cast<uint32_t>(text.size())}, ast::Broken{}});
    fragment.expr = {0};
    return fragment;
  };
  if (!is_utf8(text, file, sink)) return broken();
  Front front(text, file);
  try {
    auto* tree =
        front.run([](rexp_grammar::RexpParser& parser) { return parser.fragmentExpr(); }, sink);
    if (tree == nullptr) return broken();
    auto [module, expr] = Builder(text, file, front.points(), front.stream(), sink).fragment(tree);
    return {std::move(module), expr};
  } catch (const TooDeep& e) {
    report_too_deep(e, sink);
    return broken();
  } catch (const TooManyErrors&) {
    return broken();
  }
}

}  // namespace rexp::parse
