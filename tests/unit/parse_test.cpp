#include "compiler/parse/parse.h"

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>

namespace rexp::parse {
namespace {

struct Parsed {
  source::SourceMap sources;
  diagnostics::Sink sink;
  ast::Module module;

  std::string messages() {
    std::string all;
    for (const auto& d : sink.take())
      all += std::string(diagnostics::code_of(d.kind)) + " " + d.message + "\n";
    return all;
  }
};

Parsed parse(const std::string& text) {
  Parsed out;
  const source::FileId file = out.sources.add("test.rexp", text);
  out.module = parse_module(out.sources, file, out.sink);
  return out;
}

/// The tree as text; the input must have no errors.
std::string tree(const std::string& text) {
  Parsed parsed = parse(text);
  EXPECT_EQ(parsed.messages(), "") << text;
  return ast::dump(parsed.module);
}

template <class Node>
const Node& value_of(const ast::Module& module, size_t decl) {
  const auto& let = std::get<ast::LetDecl>(module[module.decls.at(decl)].node);
  return std::get<Node>(module[let.value].node);
}

TEST(Parse, SpansAreBytes) {
  const std::string text = "let 名 = \"你好${x.y}\" + f(1)\n";
  const Parsed p = parse(text);
  const ast::Decl& decl = p.module[p.module.decls.at(0)];
  EXPECT_EQ(p.sources.text(decl.span), text.substr(0, text.size() - 1));
  EXPECT_EQ(p.sources.text(decl.name.span), "名");
  const auto& sum = value_of<ast::Binary>(p.module, 0);
  EXPECT_EQ(p.sources.text(p.module[sum.left].span), "\"你好${x.y}\"");
  EXPECT_EQ(p.sources.text(p.module[sum.right].span), "f(1)");
  const auto& literal = std::get<ast::TextLiteral>(p.module[sum.left].node);
  ASSERT_EQ(literal.text.parts.size(), 2u);
  EXPECT_EQ(p.sources.text(literal.text.parts[0].span), "你好");
  EXPECT_EQ(p.sources.text(literal.text.parts[1].span), "${x.y}");
  EXPECT_EQ(p.sources.text(p.module[literal.text.parts[1].expr].span), "x.y");
}

TEST(Parse, NumbersKeepTheirUnits) {
  const Parsed p =
      parse("let a = 2k tokens\nlet b = 44%\nlet c = 64 KiB\nlet d = 2e-5\nlet e = 1.5k\n");
  EXPECT_EQ(value_of<ast::Number>(p.module, 0).value, 2000);
  EXPECT_EQ(value_of<ast::Number>(p.module, 0).unit, ast::Unit::tokens);
  EXPECT_EQ(value_of<ast::Number>(p.module, 1).value, 44);
  EXPECT_EQ(value_of<ast::Number>(p.module, 1).unit, ast::Unit::percent);
  EXPECT_EQ(value_of<ast::Number>(p.module, 2).value, 65536);
  EXPECT_EQ(value_of<ast::Number>(p.module, 2).unit, ast::Unit::bytes);
  EXPECT_EQ(value_of<ast::Number>(p.module, 3).value, 2e-5);
  EXPECT_FALSE(value_of<ast::Number>(p.module, 3).integer);
  EXPECT_TRUE(value_of<ast::Number>(p.module, 4).integer);
}

TEST(Parse, AUnitWordIsAUnitOnlyBehindANumber) {
  EXPECT_EQ(tree("stage a {\n  x = 3\n  rows = h\n  s = 2 s\n}\n"),
            "stage a\n  x = 3\n  rows = h\n  s = 2 s\n");
}

TEST(Parse, ABraceBehindAnExpressionBelongsToIt) {
  EXPECT_EQ(tree("template t() { if (c) { user \"x\" } }\n"),
            "template t()\n  if c\n    user \"x\"\n");
  EXPECT_EQ(tree("let a = f(x) { y = 1 }\n"), "let a = (make (call f x) { y = 1 })\n");
}

TEST(Parse, ALineEndsACaseOfAMatch) {
  EXPECT_EQ(tree("let a = match (x) {\n  a => f\n  (b) => if c\n    then 1\n    else 2\n  [3] => "
                 "4\n    + 5\n  else => 6\n}\n"),
            "let a = (match x a => f, b => (if c 1 2), [3] => (+ 4 5), else => 6)\n");
}

TEST(Parse, BlocksLoseTheirIndentation) {
  EXPECT_EQ(tree("let a = \"\"\"\r\n    one\r\n      two\r\n\r\n    \"\"\"\r\n"),
            "let a = \"one\\n  two\\n\"\n");
}

TEST(Parse, EscapesAreResolved) {
  const Parsed p = parse(R"(let a = "\"\\\n\t\$\%\u{4e2d}\u{1F600}$ % \${x}")");
  EXPECT_EQ(value_of<ast::TextLiteral>(p.module, 0).text.parts.at(0).chars,
            "\"\\\n\t$%中😀$ % ${x}");
}

TEST(Parse, DocCommentsReachDeclarationsAndFields) {
  const Parsed p = parse(
      "/// One.\n/// Two.\nschema A {\n  /// Field.\n  x: Text\n  y: Text   /// not of z\n  z: "
      "Text\n}\n");
  const ast::Decl& decl = p.module[p.module.decls.at(0)];
  EXPECT_EQ(decl.doc, "One.\nTwo.");
  const auto& schema = std::get<ast::SchemaDecl>(decl.node);
  EXPECT_EQ(schema.fields.at(0).doc, "Field.");
  EXPECT_EQ(schema.fields.at(2).doc, "");
}

TEST(Parse, ExpressionsByThemselves) {
  source::SourceMap sources;
  diagnostics::Sink sink;
  const Fragment good =
      parse_expression(sources, sources.add("--set", "adamw { lr = 1e-5 }"), sink);
  EXPECT_FALSE(sink.has_errors());
  EXPECT_TRUE(std::holds_alternative<ast::Construct>(good.module[good.expr].node));
  const Fragment bad = parse_expression(sources, sources.add("--set", "1e-5 2"), sink);
  const auto found = sink.take();
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].message, "found `2` behind the end of the expression");
  EXPECT_TRUE(bad.expr.valid());
}

TEST(Parse, WhatCouldBeReadStillExists) {
  Parsed p = parse(
      "let a = )\nstage b {\n  lr 1\n  data = next\n}\ntemplate c(x Text) { user \"u\" }\nlet d = "
      "1\n");
  EXPECT_EQ(p.messages(),
            "R0001 found `)` behind `=` where a value is required\n"
            "R0001 found `1` behind `lr` where `=` is required\n"
            "R0001 parameter `x` has no type\n");
  EXPECT_EQ(p.module.decls.size(), 4u);
  EXPECT_EQ(
      ast::dump(p.module),
      "let a = <broken>\nstage b\n  data = next\ntemplate c(x: Text)\n  user \"u\"\nlet d = 1\n");
}

TEST(Parse, ABlockThatIsNeverClosedIsReportedAtItsBeginning) {
  Parsed p = parse("let a = 1\nlet b = \"\"\"\n  one\n  ${a}\n");
  const auto found = p.sink.take();
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].kind, diagnostics::Kind::unterminated_text);
  EXPECT_EQ(p.sources.place(0, found[0].primary.span.begin).line, 2);
  EXPECT_EQ(p.sources.text(found[0].primary.span), "\"\"\"");
  EXPECT_EQ(p.module.decls.size(), 2u);
}

TEST(Parse, BytesThatAreNotUtf8AreReported) {
  Parsed p = parse("let a = \"\xFF\"\n");
  EXPECT_EQ(p.messages(), "R0004 line is not UTF-8\n");
}

TEST(Parse, EveryShippedFileIsRead) {
  for (const char* folder : {"examples", "stdlib", "experiments"}) {
    const std::filesystem::path root = std::filesystem::path(REXP_SOURCE_DIR) / folder;
    if (!std::filesystem::exists(root)) continue;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
      if (entry.path().extension() != ".rexp") continue;
      source::SourceMap sources;
      diagnostics::Sink sink;
      const auto file = sources.open(entry.path().string());
      ASSERT_TRUE(file.ok()) << entry.path();
      parse_module(sources, *file, sink);
      for (const auto& d : sink.take()) ADD_FAILURE() << diagnostics::render(d, sources, false);
    }
  }
}

std::string repeated(const std::string& text, int times) {
  std::string out;
  for (int i = 0; i < times; ++i) out += text;
  return out;
}

TEST(Parse, DeepNestingIsAnErrorAndNotACrash) {
  const int n = 20'000;
  const std::vector<std::string> texts = {
      "let a = " + repeated("(", n),
      "let a = " + repeated("(", n) + "1" + repeated(")", n),
      "let a = " + repeated("[", n),
      "let a = " + repeated("- ", n) + "1",
      "let a = " + repeated("not ", n) + "b",
      "let a = " + repeated("x => ", n) + "1",
      "let a = 1" + repeated(" + 1", n),
      "let a = b" + repeated(" with { x = 1 }", n),
      "let a = " + repeated("\"${", n),
      "let a: " + repeated("[", n) + "Int",
      repeated("stage a { ", n),
      "let a = " + repeated("if x then ", n),
  };
  for (const std::string& text : texts) {
    Parsed p = parse(text);
    EXPECT_TRUE(p.sink.has_errors()) << text.substr(0, 40);
    EXPECT_LE(p.sink.take().size(), 20u);
  }
  EXPECT_EQ(parse("let a = " + repeated("(", 400) + "1" + repeated(")", 400)).messages(),
            "R0007 nesting is too deep\n");
  EXPECT_EQ(parse("let a = x" + repeated(".f", 600)).messages(),
            "R0007 value has more than 500 calls, fields and indices in a row\n");
  EXPECT_EQ(parse("let a = " + repeated("(", 100) + "1" + repeated(")", 100)).messages(), "");
  EXPECT_EQ(parse("let a = 1" + repeated(" + 1", 500)).messages(), "");
}

TEST(Parse, ALongFileTakesMilliseconds) {
  std::string text;
  for (int i = 0; i < 300; ++i) {
    text += "stage s" + std::to_string(i) +
            " {\n  data = next\n  length = 3 epochs\n  optimizer = adamw { lr = 1e-3; schedule = "
            "cosine }\n}\n";
  }
  parse(text);  // fills ANTLR's tables
  const auto begin = std::chrono::steady_clock::now();
  parse(text);
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  EXPECT_LT(seconds, 1.0)
      << "1,500 lines";  // some 20 ms; the bound only catches a grammar that has become ambiguous
}

}  // namespace
}  // namespace rexp::parse
