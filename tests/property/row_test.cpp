// Random row functions over random rows: compiled code with remembered texts, the interpreter without, and both ways of tokenizing
// literals give the same bytes.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdio>

#include "compiler/interp/interp.h"
#include "compiler/jit/jit.h"
#include "compiler/lower/lower.h"
#include "compiler/row/sharing.h"
#include "compiler/row/verify.h"
#include "compiler/row/weave.h"
#include "tests/property/row_generator.h"

namespace rexp::testing {
namespace {

using Fn = std::remove_pointer_t<RexpRowFn>;

/// Everything a row function leaves behind.
struct Output {
  int32_t status = 0;
  std::vector<int32_t> ids;
  std::vector<uint8_t> trained, levels;
  std::string text;
  int64_t value = 0;
  bool operator==(const Output&) const = default;
};

template <class Run>
Output output_of(abi::SinkBuffer* sink, Run run) {
  sink->clear();
  Output out;
  out.status = run(sink->get());
  out.ids.assign(sink->ids().begin(), sink->ids().end());
  out.trained.assign(sink->trained().begin(), sink->trained().end());
  out.levels.assign(sink->levels().begin(), sink->levels().end());
  out.text = sink->text();
  out.value = sink->value();
  return out;
}

class RowProperty : public ::testing::Test {
 protected:
  RowProperty()
      : tokenizer_(small_tokenizer()),
        texts_(tokenizer_, 20000),
        context_(world_.context(&tokenizer_)),
        cached_(world_.context(&tokenizer_, &texts_)) {}

  void SetUp() override {
    auto jit = jit::Jit::create();
    ASSERT_TRUE(jit.ok()) << jit.error().message;
    jit_ = std::move(*jit);
  }

  std::vector<Fn*> compile(const std::vector<row::RowFunction>& functions) {
    lower::Unit unit("property");
    for (size_t i = 0; i < functions.size(); ++i)
      lower::lower_function(unit, functions[i], "f" + std::to_string(i));
    EXPECT_TRUE(jit_->add(std::move(unit)).ok());
    std::vector<Fn*> out;
    for (size_t i = 0; i < functions.size(); ++i) {
      auto fn = jit_->function<Fn>("f" + std::to_string(i));
      EXPECT_TRUE(fn.ok()) << fn.error().message;
      out.push_back(fn.ok() ? *fn : nullptr);
    }
    return out;
  }

  Output interpreted(const row::RowFunction& f, uint64_t i) {
    return output_of(&sink_, [&](RexpSink* s) {
      return interp::run(f, context_, world_.row(i).data(), stream(3, i), s);
    });
  }
  Output compiled(Fn* fn, uint64_t i) {
    return output_of(
        &sink_, [&](RexpSink* s) { return fn(&cached_, world_.row(i).data(), stream(3, i), s); });
  }

  void expect_equal(const std::vector<row::RowFunction>& functions, uint64_t rows) {
    const std::vector<Fn*> code = compile(functions);
    ASSERT_FALSE(HasFailure());
    for (size_t f = 0; f < functions.size(); ++f) {
      for (uint64_t i = f * rows; i < (f + 1) * rows; ++i) {
        ASSERT_EQ(interpreted(functions[f], i), compiled(code[f], i))
            << "row " << i << " of " << row::canonical(functions[f]);
      }
    }
  }

  row::RowFunction woven(const row::RowFunction& f, row::WeaveOptions options = {},
                         text::Think think = text::Think::none) {
    const text::ChatFormat format = chatml(tokenizer_, think);
    Result<row::RowFunction> out = row::weave(f, tokenizer_, format, options);
    EXPECT_TRUE(out.ok()) << out.error().message;
    return out.ok() ? *out : row::RowFunction{};
  }

  World world_;
  text::Tokenizer tokenizer_;
  abi::TextCache texts_;  // small, so that it starts anew now and then
  RexpRowContext context_, cached_;
  std::unique_ptr<jit::Jit> jit_;
  abi::SinkBuffer sink_;
};

class RowPropertyOfScalars : public RowProperty,
                             public ::testing::WithParamInterface<row::FunctionKind> {};

TEST_P(RowPropertyOfScalars, CompiledEqualsInterpreted) {
  std::vector<row::RowFunction> functions;
  for (uint64_t seed = 0; seed < 60; ++seed) {
    functions.push_back(Generator(stream(1, seed)).scalar(GetParam()));
    ASSERT_EQ(row::verify(functions.back()), "");
  }
  expect_equal(functions, 40);
}

INSTANTIATE_TEST_SUITE_P(Kinds, RowPropertyOfScalars,
                         ::testing::Values(row::FunctionKind::predicate, row::FunctionKind::text,
                                           row::FunctionKind::real_function,
                                           row::FunctionKind::integer_function));

TEST_F(RowProperty, CompiledRendererEqualsInterpreted) {
  std::vector<row::RowFunction> functions;
  for (uint64_t seed = 0; seed < 60; ++seed) {
    const row::RowFunction f = Generator(stream(2, seed)).renderer(seed % 2 == 0);
    ASSERT_EQ(row::verify(f), "");
    functions.push_back(woven(f));
    ASSERT_EQ(row::verify(functions.back()), "");
  }
  expect_equal(functions, 40);
}

TEST_F(RowProperty, LiteralsTokenizedEarlyOrLateGiveTheSameTokens) {
  for (uint64_t seed = 0; seed < 200; ++seed) {
    const row::RowFunction f = Generator(stream(4, seed)).renderer(false);
    const row::RowFunction early = woven(f),
                           late = woven(f, {row::Extent::whole, /*tokenize_literals=*/false});
    for (uint64_t i = 0; i < 20; ++i) {
      ASSERT_EQ(interpreted(early, i), interpreted(late, i)) << row::canonical(f) << "\n"
                                                             << row::canonical(early);
    }
  }
}

TEST_F(RowProperty, APromptIsAPrefixOfItsExampleAndACodeComesNext) {
  int compared = 0;
  for (uint64_t seed = 0; seed < 300; ++seed) {
    const row::RowFunction f = Generator(stream(5, seed)).renderer(true);
    const text::ChatFormat format = chatml(tokenizer_, text::Think::empty);
    const auto prompt = row::weave(f, tokenizer_, format, {row::Extent::prompt});
    if (!prompt.ok()) continue;  // the answer may be printed in one of two codebooks
    const row::RowFunction whole = woven(f, {}, text::Think::empty);
    for (uint64_t i = 0; i < 20; ++i) {
      const Output all = interpreted(whole, i), asked = interpreted(*prompt, i);
      const size_t size = asked.ids.size();
      ASSERT_LT(size, all.ids.size());
      const bool turn_ends =
          all.ids[size] == format.turn_end;  // the answer's loop or branch was not entered
      ASSERT_TRUE(all.levels[size] == 1 || turn_ends) << row::canonical(*prompt);
      ASSERT_TRUE(std::equal(asked.ids.begin(), asked.ids.end(), all.ids.begin()))
          << row::canonical(*prompt);
      ASSERT_TRUE(std::equal(asked.trained.begin(), asked.trained.end(), all.trained.begin()))
          << row::canonical(*prompt);
      ++compared;
    }
  }
  EXPECT_GT(compared, 4000);
}

TEST_F(RowProperty, NothingIsLeftPendingByARenderer) {
  for (uint64_t seed = 0; seed < 100; ++seed) {
    const row::RowFunction f = woven(Generator(stream(6, seed)).renderer(false));
    for (uint64_t i = 0; i < 10; ++i) ASSERT_EQ(interpreted(f, i).text, "") << row::canonical(f);
  }
}

constexpr const char* kOps[] = {
#define REXP_ROW_OP(name) #name,
#include "compiler/row/ops.def"
};
constexpr const char* kStatements[] = {
#define REXP_ROW_STMT(name) #name,
#include "compiler/row/ops.def"
};

/// How often each operation and statement stands where a function reaches it.
struct Coverage {
  std::array<int, std::size(kOps)> ops = {};
  std::array<int, std::size(kStatements)> statements = {};

  void add(const row::RowFunction& f) {
    for (const row::ExprId id : row::look_at_sharing(f).order)
      ++ops[static_cast<size_t>(f.exprs[static_cast<size_t>(id)].op)];
    add(f, f.body);
  }
  void add(const row::RowFunction& f, const std::vector<row::StmtId>& body) {
    for (const row::StmtId id : body) {
      const row::Stmt& s = f.stmts[static_cast<size_t>(id)];
      ++statements[static_cast<size_t>(s.op)];
      for (const auto& inner : s.bodies) add(f, inner);
    }
  }
};

/// The functions of the tests above, so a new operation fails here until the generator knows it.
TEST_F(RowProperty, EveryOperationIsGenerated) {
  Coverage met;
  for (const row::FunctionKind kind :
       {row::FunctionKind::predicate, row::FunctionKind::text, row::FunctionKind::real_function,
        row::FunctionKind::integer_function}) {
    for (uint64_t seed = 0; seed < 60; ++seed) met.add(Generator(stream(1, seed)).scalar(kind));
  }
  for (uint64_t seed = 0; seed < 60; ++seed) {
    const row::RowFunction f = Generator(stream(2, seed)).renderer(seed % 2 == 0);
    met.add(f);
    met.add(woven(f));
    const auto prompt = row::weave(f, tokenizer_, chatml(tokenizer_), {row::Extent::prompt});
    if (prompt.ok()) met.add(*prompt);
  }
  for (size_t i = 0; i < std::size(kOps); ++i) {
    std::printf("%s %d\n", kOps[i], met.ops[i]);
    EXPECT_GT(met.ops[i], 0) << kOps[i];
  }
  for (size_t i = 0; i < std::size(kStatements); ++i) {
    std::printf("%s %d\n", kStatements[i], met.statements[i]);
    EXPECT_GT(met.statements[i], 0) << kStatements[i];
  }
}

}  // namespace
}  // namespace rexp::testing
