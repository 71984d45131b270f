#include "compiler/row/weave.h"

#include <gtest/gtest.h>

#include "compiler/interp/interp.h"
#include "compiler/row/verify.h"
#include "tests/property/row_fixture.h"

namespace rexp::testing {
namespace {

using row::FunctionKind;
using row::Role;
using row::StmtOp;

/// Runs woven functions over one row and prints tokens as a reader would: trained ones in brackets.
class Weave : public ::testing::Test {
 protected:
  Weave() : tokenizer_(small_tokenizer()) {}

  Result<row::RowFunction> weave(const Builder& b, row::Extent extent = row::Extent::whole,
                                 text::Think think = text::Think::none) {
    EXPECT_EQ(row::verify(b.function), "");
    const text::ChatFormat format = chatml(tokenizer_, think);
    return row::weave(b.function, tokenizer_, format, {extent});
  }

  std::string render(const row::RowFunction& f) {
    EXPECT_EQ(row::verify(f), "");
    const RexpRowContext context = world_.context(&tokenizer_);
    sink_.clear();
    EXPECT_EQ(interp::run(f, context, kRow, 0, sink_.get()), REXP_OK);
    std::string out;
    bool trained = false;
    for (size_t i = 0; i < sink_.ids().size(); ++i) {
      if ((sink_.trained()[i] != 0) != trained) out += (trained = !trained) ? "[" : "]";
      const int32_t id = sink_.ids()[i];
      out += id < 700 ? std::string(tokenizer_.bytes(id)) : "<" + std::to_string(id) + ">";
    }
    return out + (trained ? "]" : "");
  }

  std::string render(const Builder& b, row::Extent extent = row::Extent::whole,
                     text::Think think = text::Think::none) {
    const Result<row::RowFunction> f = weave(b, extent, think);
    EXPECT_TRUE(f.ok()) << f.error().message;
    return f.ok() ? render(*f) : "";
  }

  std::vector<int32_t> ids(const row::RowFunction& f, const std::vector<int64_t>& row) {
    EXPECT_EQ(row::verify(f), "");
    const RexpRowContext context = world_.context(&tokenizer_);
    sink_.clear();
    EXPECT_EQ(interp::run(f, context, row.data(), 0, sink_.get()), REXP_OK);
    return {sink_.ids().begin(), sink_.ids().end()};
  }

  /// Behind the open mark of an event's semantic id.
  int32_t first_code(int64_t event) const {
    const RexpRowContext context = world_.context(nullptr);
    const RexpSidTable& table = context.sids[0];
    return table
        .ids[static_cast<const int64_t*>(context.columns[kEventItem].data)[event] * table.width +
             1];
  }

  std::string sid(int64_t event, int codebook = 0) const {
    const RexpRowContext context = world_.context(nullptr);
    const int64_t item = static_cast<const int64_t*>(context.columns[kEventItem].data)[event];
    const RexpSidTable& t = context.sids[codebook];
    std::string out;
    for (int32_t i = 0; i < t.width; ++i)
      out += "<" + std::to_string(t.ids[item * t.width + i]) + ">";
    return out;
  }

  static constexpr int64_t kRow[] = {10, 12, 12, 3, 1, 0};
  World world_;
  text::Tokenizer tokenizer_;
  abi::SinkBuffer sink_;
};

Builder next_item() {
  Builder b(FunctionKind::renderer, "next_item");
  b.function.body = {
      b.turn(Role::system, {b.print("你好")}),
      b.turn(Role::user, {b.print("看过"), b.history_sids("，"), b.print("？")}),
      b.turn(Role::assistant, {b.print("推荐"), b.print(b.sid_of(b.next())), b.print("。")})};
  return b;
}

TEST_F(Weave, ChatMlTrainsTheAssistantAndItsEndMarkOnly) {
  EXPECT_EQ(render(next_item()), "<|im_start|>system\n你好<|im_end|>\n<|im_start|>user\n看过" +
                                     sid(10) + "，" + sid(11) +
                                     "？<|im_end|>\n<|im_start|>assistant\n[推荐" + sid(12) +
                                     "。<|im_end|>]\n");
}

TEST_F(Weave, NoTokenizerRunsWhereEveryStretchIsKnown) {
  const Result<row::RowFunction> f = weave(next_item());
  ASSERT_TRUE(f.ok());
  for (const row::Stmt& s : f->stmts) EXPECT_NE(s.op, StmtOp::flush);
}

TEST_F(Weave, ASystemsHeaderAndTextAreOneStretchAndAnAssistantsAreTwo) {
  Builder b(FunctionKind::renderer);
  b.function.body = {b.turn(Role::user, {b.print("\nx")}),
                     b.turn(Role::assistant, {b.print("\nx")})};
  const Result<row::RowFunction> f = weave(b);
  ASSERT_TRUE(f.ok());
  std::vector<size_t> sizes;
  for (const row::Stmt& s : f->stmts) {
    if (s.op == StmtOp::ids) sizes.push_back(s.ids.size());
  }
  std::vector<int32_t> joined;
  tokenizer_.encode("user\n\nx", text::Specials::deny, &joined);  // the two line ends are one token
  ASSERT_EQ(sizes.size(), 5u);
  EXPECT_EQ(sizes[0], joined.size());
}

TEST_F(Weave, AThinkStubStandsBeforeTheLastAssistantTurn) {
  Builder b(FunctionKind::renderer);
  b.function.body = {b.turn(Role::assistant, {b.print("a")}), b.turn(Role::user, {b.print("b")}),
                     b.turn(Role::assistant, {b.print("c")})};
  EXPECT_EQ(render(b, row::Extent::whole, text::Think::empty),
            "<|im_start|>assistant\n[a<|im_end|>]\n<|im_start|>user\nb<|im_end|>\n"
            "<|im_start|>assistant\n<think>\n\n</think>\n\n[c<|im_end|>]\n");
}

TEST_F(Weave, MaskedTurnsAreNotTrainedAndDocumentsAre) {
  Builder b(FunctionKind::renderer);
  b.function.body = {b.turn(Role::assistant, {b.print("a")}, /*masked=*/true),
                     b.turn(Role::document, {b.print("d"), b.print(b.sid_of(b.next(), 1))})};
  EXPECT_EQ(render(b), "<|im_start|>assistant\na<|im_end|>\n[d" + sid(12, 1) + "<|endoftext|>]");
}

TEST_F(Weave, WhatLooksLikeASpecialTokenInATextIsPlainText) {
  Builder b(FunctionKind::renderer);
  b.function.body = {b.turn(Role::document,
                            {b.print(b.expr(row::Op::column, kText,
                                            {b.expr(row::Op::const_int, kItem, {}, 5)}, kTitle))})};
  EXPECT_EQ(render(b), "[<|im_end|><|endoftext|>]");
  EXPECT_GT(sink_.ids().size(), 2u);
}

TEST_F(Weave, APromptEndsWithTheOpenMarkBeforeNext) {
  EXPECT_EQ(render(next_item(), row::Extent::prompt),
            "<|im_start|>system\n你好<|im_end|>\n<|im_start|>user\n看过" + sid(10) + "，" +
                sid(11) + "？<|im_end|>\n<|im_start|>assistant\n[推荐<900>]");
}

TEST_F(Weave, APromptStopsInTheTurnThatPrintsNextEvenIfAnotherFollows) {
  Builder b(FunctionKind::renderer);
  b.function.body = {b.turn(Role::assistant, {b.print(b.sid_of(b.next(), 1))}),
                     b.turn(Role::user, {b.print("不喜欢")}),
                     b.turn(Role::assistant,
                            {b.print(b.expr(row::Op::sid, kSid,
                                            {b.expr(row::Op::param, kItem, {}, kItemSlot)}, 0))})};
  EXPECT_EQ(render(b, row::Extent::prompt, text::Think::empty), "<|im_start|>assistant\n");
}

TEST_F(Weave, WithoutNextAPromptStopsAtTheLastAssistantTurnsFirstSid) {
  Builder b(FunctionKind::renderer);
  const auto item = b.expr(row::Op::param, kItem, {}, kItemSlot);
  b.function.body = {
      b.turn(Role::user, {b.print("x")}),
      b.turn(Role::assistant, {b.print("是"), b.print(b.expr(row::Op::sid, kSid, {item}, 0))})};
  EXPECT_EQ(render(b, row::Extent::prompt),
            "<|im_start|>user\nx<|im_end|>\n<|im_start|>assistant\n[是<900>]");
  Builder words(FunctionKind::renderer);
  words.function.body = {words.turn(Role::assistant, {words.print("说")})};
  EXPECT_EQ(render(words, row::Extent::prompt), "<|im_start|>assistant\n");
}

/// A document over a list of semantic ids with a separator, what stands before each id, and what stands behind the list.
Builder listing(const std::string& separator, const std::string& before,
                const std::string& behind) {
  Builder b(FunctionKind::renderer, "listing");
  const int32_t v = b.new_var();
  std::vector<row::StmtId> body, between;
  if (!before.empty()) body.push_back(b.print(before));
  body.push_back(b.print(b.sid_of(b.var(v, kEvent))));
  if (!separator.empty()) between.push_back(b.print(separator));
  b.function.body = {b.turn(
      Role::document, {b.print("见"), b.each(v, b.history(), body, between), b.print(behind)})};
  return b;
}

TEST_F(Weave, ADocumentIsContinuedAsIfItsListHadOneMoreElement) {
  const std::vector<std::vector<std::string>> forms = {
      {"", "", ""}, {"，", "", ""}, {"，", "", "。"}, {" ", "电影", "。"}, {"，", "\n", "x"}};
  for (const auto& form : forms) {
    const Builder b = listing(form[0], form[1], form[2]);
    const auto whole = weave(b), prompt = weave(b, row::Extent::prompt);
    ASSERT_TRUE(whole.ok() && prompt.ok());
    for (int64_t begin = 8; begin <= 10; ++begin) {  // of two events, of one, of none
      const std::vector<int64_t> shorter = {begin, 10, 12, 3, 1, 0},
                                 longer = {begin, 11, 12, 3, 1, 0};
      const std::vector<int32_t> asked = ids(*prompt, shorter), trained = ids(*whole, longer);
      ASSERT_LT(asked.size(), trained.size());
      EXPECT_TRUE(std::equal(asked.begin(), asked.end(), trained.begin())) << form[0] << form[1];
      EXPECT_EQ(asked.back(), 900) << "the open mark, and then the first code";
      EXPECT_EQ(trained[asked.size()], first_code(10));
    }
  }
}

TEST_F(Weave, ADocumentThatPrintsNextIsAskedThere) {
  Builder b(FunctionKind::renderer);
  b.function.body = {b.turn(Role::document, {b.history_sids("，"), b.print("→"),
                                             b.print(b.sid_of(b.next())), b.print("。")})};
  EXPECT_EQ(render(b, row::Extent::prompt), "[" + sid(10) + "，" + sid(11) + "→<900>]");
}

TEST_F(Weave, ADocumentWithoutAListHasNothingToAsk) {
  Builder one(FunctionKind::renderer);
  const auto item = one.expr(row::Op::param, kItem, {}, kItemSlot);
  one.function.body = {
      one.turn(Role::document, {one.print(one.expr(row::Op::sid, kSid, {item}, 0))})};
  EXPECT_FALSE(weave(one, row::Extent::prompt).ok());
  // What an element prints before its id has to be known without the element.
  Builder named(FunctionKind::renderer);
  const int32_t v = named.new_var();
  named.function.body = {
      named.turn(Role::document, {named.each(v, named.history(),
                                             {named.print(named.title_of(named.var(v, kEvent))),
                                              named.print(named.sid_of(named.var(v, kEvent)))},
                                             {})})};
  EXPECT_FALSE(weave(named, row::Extent::prompt).ok());
}

TEST_F(Weave, AnEmptyHistoryKeepsTheBoundary) {
  Builder b(FunctionKind::renderer);
  b.function.body = {b.turn(Role::document, {b.print("喜"), b.history_sids("，"), b.print("剧")})};
  const Result<row::RowFunction> f = weave(b);
  ASSERT_TRUE(f.ok());
  for (const row::Stmt& s : f->stmts) EXPECT_NE(s.op, StmtOp::flush);
}

TEST_F(Weave, ATextOfManySharedPartsStaysOneText) {
  Builder b(FunctionKind::renderer);
  auto x = b.expr(row::Op::concat, kText, {b.text("")});
  for (int i = 0; i < 40; ++i) x = b.expr(row::Op::concat, kText, {x, x});
  b.function.body = {b.turn(Role::document, {b.print("a"), b.print(x)})};
  EXPECT_EQ(render(b), "[a<|endoftext|>]");
}

TEST_F(Weave, APromptReadsAChoiceThatIsMadeBehindIt) {
  Builder b(FunctionKind::renderer);
  const int32_t v = b.new_var();
  b.function.body = {b.turn(Role::user, {b.print(b.var(v, kInt))}),
                     b.turn(Role::assistant, {b.print(b.sid_of(b.next())),
                                              b.choose(v, {0, 0, 1}, {{}, {}, {b.print("c")}})})};
  EXPECT_EQ(render(b, row::Extent::prompt),
            "<|im_start|>user\n2<|im_end|>\n<|im_start|>assistant\n[<900>]");
}

TEST_F(Weave, RefusesAPromptWithoutAnAnswer) {
  Builder b(FunctionKind::renderer, "ask");
  b.function.body = {b.turn(Role::user, {b.print("x")})};
  const Result<row::RowFunction> f = weave(b, row::Extent::prompt);
  ASSERT_FALSE(f.ok());
  EXPECT_EQ(f.error().message,
            "the template `ask` has no answer, so there is nothing to ask a model");
}

TEST_F(Weave, RefusesAPromptWhoseOpenMarkIsOnlyKnownPerRow) {
  Builder b(FunctionKind::renderer, "two");
  const auto late =
      b.expr(row::Op::lt, kBool, {b.integer(3), b.expr(row::Op::param, kInt, {}, kStep)});
  const auto sid = b.expr(row::Op::if_, kSid, {late, b.sid_of(b.next(), 0), b.sid_of(b.next(), 1)});
  b.function.body = {b.turn(Role::assistant, {b.print(sid)})};
  EXPECT_TRUE(weave(b).ok());
  const Result<row::RowFunction> f = weave(b, row::Extent::prompt);
  ASSERT_FALSE(f.ok());
  EXPECT_EQ(f.error().message,
            "which codebook the answer of the template `two` is printed in is only known per row");
}

TEST_F(Weave, RefusesAThinkStubWhoseTurnIsOnlyKnownPerRow) {
  Builder b(FunctionKind::renderer, "chat");
  const auto turn = b.turn(Role::assistant, {b.print("a")});
  b.function.body = {
      turn, b.each(b.new_var(), b.history(), {b.turn(Role::assistant, {b.print("b")})}, {})};
  EXPECT_TRUE(weave(b).ok());
  const Result<row::RowFunction> f = weave(b, row::Extent::whole, text::Think::empty);
  ASSERT_FALSE(f.ok());
  EXPECT_EQ(f.error().message,
            "which assistant turn of the template `chat` comes last is only known per row");
}

}  // namespace
}  // namespace rexp::testing
