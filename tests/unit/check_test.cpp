// Modules, names, types and units, seen through whole programs.
#include <algorithm>
#include <set>

#include "compiler/check/check.h"
#include "compiler/eval/eval.h"
#include "tests/unit/compile_program.h"

namespace rexp::testing_programs {
namespace {

class Check : public Programs {
 protected:
  /// A program that imports every module of the standard library.
  std::string everything() {
    std::string all = "edition 2026\n";
    for (const auto& entry : std::filesystem::directory_iterator(options().stdlib_dir)) {
      if (entry.path().extension() == ".rexp")
        all += "import std." + entry.path().stem().string() + "\n";
    }
    return write("all.rexp", all);
  }
};

TEST_F(Check, StandardLibraryIsFine) {
  source::SourceMap sources;
  diagnostics::Sink sink;
  check::Program program(sources, sink, options().stdlib_dir);
  ASSERT_TRUE(program.load(everything()));
  check::check_program(program);
  for (const auto& d : sink.take(100)) ADD_FAILURE() << diagnostics::render(d, sources, false);
}

TEST_F(Check, EveryKnownDeclarationIsInTheLibrary) {
  source::SourceMap sources;
  diagnostics::Sink sink;
  check::Program program(sources, sink, options().stdlib_dir);
  ASSERT_TRUE(program.load(everything()));
  for (size_t i = 0; i < static_cast<size_t>(check::Known::count); ++i)
    EXPECT_GE(program.known(static_cast<check::Known>(i)), 0) << "line " << i << " of known.def";
}

TEST_F(Check, EveryExternFunctionIsKnownToSomebody) {
  source::SourceMap sources;
  diagnostics::Sink sink;
  check::Program program(sources, sink, options().stdlib_dir);
  ASSERT_TRUE(program.load(everything()));
  check::Typed typed = check::check_program(program);
  eval::Evaluator evaluator(program, typed, {});
  std::set<std::string> known = {
#define REXP_COMPONENT(base, name, version) #name,
#include "runtime/abi/components.def"
#undef REXP_COMPONENT
  };
  // Part of the language; the runtime has nothing for them yet, so that using them is R0603.
  const std::set<std::string> later = {"table", "rows", "best"};
  for (check::ModuleId m = 0; m < program.module_count(); ++m) {
    for (ast::DeclId id : program.module(m).tree.decls) {
      const ast::Decl& decl = program.module(m).tree[id];
      if (!std::holds_alternative<ast::ExternDecl>(decl.node)) continue;
      EXPECT_TRUE(program.module(m).standard);
      const bool intrinsic = evaluator.intrinsics.of({m, id}) != eval::Intrinsic::none;
      EXPECT_TRUE(intrinsic || known.count(decl.name.text) > 0 || later.count(decl.name.text) > 0)
          << program.module(m).name << "." << decl.name.text;
    }
  }
}

TEST_F(Check, DefaultsFollowAndWrittenFieldsStay) {
  auto c = check("schema Plan { steps: Int; warm: Int = steps / 10 }\n");
  EXPECT_FALSE(c->result.ok);  // `/` gives a Float
  c = check(
      "schema Plan { steps: Int; warm: Float = steps / 10 }\n"
      "let a = Plan { steps = 100 }\nlet b = a with { steps = 200 }\nlet c = Plan { steps = 100; "
      "warm = 3 } with { steps = 200 }\n"
      "require a.warm == 10\nrequire b.warm == 20\nrequire c.warm == 3\n");
  EXPECT_TRUE(c->result.ok) << c->codes().front();
}

TEST_F(Check, ModulesSeeEachOthersPublicNames) {
  write("parts.rexp", "let rate = 0.5\nlet _hidden = 1\n");
  EXPECT_TRUE(check("import parts\nrequire parts.rate == 0.5\n")->result.ok);
  EXPECT_TRUE(
      check("import parts as p\nimport parts { rate }\nrequire p.rate == rate\n")->result.ok);
  EXPECT_FALSE(check("import parts { _hidden }\n")->result.ok);
  EXPECT_FALSE(check("import parts\nlet x = parts._hidden\n")->result.ok);
}

TEST_F(Check, NamesAreFoundWhereTheirSchemaIsDeclared) {
  auto c = check(kFilms +
                 "template about(i: Film) { document \"${i.sid}\" }\ntask reading = [about(i) for "
                 "i in films.items]\n"
                 "stage learn { adds = sid.tokens; data = reading; length = 3 epochs; optimizer = "
                 "adamw { lr = 1e-3; schedule = linear { warm_up = 3% } } }\n");
  EXPECT_TRUE(c->result.ok) << c->codes().front();
}

TEST_F(Check, ConstantArithmeticKeepsUnits) {
  EXPECT_TRUE(check("require 2 * 3 epochs == 6 epochs\nrequire 3 epochs / 1 epochs == 3\nrequire 7 "
                    "/ 2 == 3.5\nrequire 40% + 4% == 44%\n"
                    "require \"a${1 + 1}b\" == \"a2b\"\nrequire [x * x for x in [1, 2, 3] where x "
                    "> 1] == [4, 9]\n"
                    "require (if 1 < 2 then \"yes\" else \"no\") == \"yes\"\nrequire (match { 1 > "
                    "2 => 1, else => 2 }) == 2\n"
                    "require 3 in [1, 2, 3]\nrequire \"電影\".length == 2\n")
                  ->result.ok);
}

TEST_F(Check, UnusedFunctionsAreCheckedToo) {
  auto c = check("fn broken(n: Int) -> Text = n + 1\n");
  ASSERT_FALSE(c->result.ok);
  EXPECT_EQ(c->codes().front().substr(0, 5), "R0201");
}

TEST_F(Check, MissingDataIsNoProblemOfChecking) {
  const std::string text =
      "import std.data\nimport std.toy\ndataset films { source = data.recbole(\"nowhere/x\") }\n"
      "codebook sid { of = films.items; learn = toy.tree }\ntemplate about(i: Item) { document "
      "\"${i.sid}\" }\n"
      "task t = [about(i) for i in films.items]\nstage s { adds = sid.tokens; data = t; length = 1 "
      "epochs }\n"
      "experiment e(base: Model = toy.decoder_2m) { model = base |> s }\n";
  EXPECT_TRUE(check(text)->result.ok);
  auto c = compile(text);
  ASSERT_FALSE(c->result.ok);
  EXPECT_EQ(c->codes().front().substr(0, 5), "R0701");
}

}  // namespace
}  // namespace rexp::testing_programs
