// A row function, compiled and interpreted, and what both make of a row.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "compiler/interp/interp.h"
#include "compiler/jit/jit.h"
#include "compiler/lower/lower.h"
#include "compiler/row/verify.h"
#include "tests/property/row_fixture.h"

namespace rexp::testing {

using row::ExprId;
using row::FunctionKind;
using row::Op;

class Lower : public ::testing::Test {
 protected:
  using Fn = std::remove_pointer_t<RexpRowFn>;

  Fn* compile(lower::Unit unit) {
    auto jit = jit::Jit::create();
    EXPECT_TRUE(jit.ok());
    jit_ = std::move(*jit);
    EXPECT_TRUE(jit_->add(std::move(unit)).ok());
    auto fn = jit_->function<Fn>("f");
    EXPECT_TRUE(fn.ok()) << fn.error().message;
    return fn.ok() ? *fn : nullptr;
  }

  /// The text that both make of a row.
  std::string text(Builder& b, ExprId result, std::vector<int64_t> row = {10, 16, 16, 3, 2, 0}) {
    b.function.result = result;
    run(b, row);
    return std::string(sink_.text());
  }
  int64_t integer(Builder& b, ExprId result) {
    return std::stoll(text(b, b.expr(Op::concat, kText, {result})));
  }

  void run(const Builder& b, const std::vector<int64_t>& row) {
    EXPECT_EQ(row::verify(b.function), "");
    lower::Unit unit("test");
    lower::lower_function(unit, b.function, "f");
    Fn* fn = compile(std::move(unit));
    const RexpRowContext context = world_.context(nullptr);
    sink_.clear();
    EXPECT_EQ(interp::run(b.function, context, row.data(), 0, sink_.get()), REXP_OK);
    const std::string interpreted(sink_.text());
    const int64_t value = sink_.value();
    sink_.clear();
    EXPECT_EQ(fn(&context, row.data(), 0, sink_.get()), REXP_OK);
    EXPECT_EQ(interpreted, sink_.text());
    EXPECT_EQ(value, sink_.value());
  }

  World world_;
  std::unique_ptr<jit::Jit> jit_;
  abi::SinkBuffer sink_;
};

}  // namespace rexp::testing
