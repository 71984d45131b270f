// What tests of row functions share: a way to write them in C++, a small catalogue to run them over, a small tokenizer.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "compiler/row/row_tree.h"
#include "runtime/abi/row_helpers.h"
#include "runtime/abi/text_cache.h"
#include "runtime/text/chat_format.h"
#include "runtime/text/tokenizer.h"

namespace rexp::testing {

inline constexpr row::Type kBool{row::Kind::boolean}, kInt{row::Kind::integer},
    kReal{row::Kind::real}, kText{row::Kind::text}, kItem{row::Kind::item},
    kEvent{row::Kind::event}, kSid{row::Kind::sid};
constexpr row::Type list_of(row::Type t) { return {row::Kind::list, t.kind}; }

/// Columns, slots and codebooks of every test function, in order.
enum Columns : int64_t { kTitle, kCategory, kYear, kScore, kEventItem, kAt };
enum Slots : int64_t { kHistory, kHistoryEnd, kNext, kItemSlot, kStep, kRate };

/// Writes a row function bottom-up.
class Builder {
 public:
  explicit Builder(row::FunctionKind kind, std::string name = "test");

  row::ExprId expr(row::Op op, row::Type type, std::vector<row::ExprId> args = {},
                   int64_t number = 0);
  row::ExprId text(std::string value);
  row::ExprId integer(int64_t value) { return expr(row::Op::const_int, kInt, {}, value); }
  row::ExprId real(double value);
  row::ExprId history() { return expr(row::Op::range, list_of(kEvent), {}, kHistory); }
  row::ExprId next() { return expr(row::Op::param, kEvent, {}, kNext); }
  row::ExprId item_of(row::ExprId event) {
    return expr(row::Op::item_of, kItem, {event}, kEventItem);
  }
  row::ExprId sid_of(row::ExprId event, int64_t codebook = 0) {
    return expr(row::Op::sid, kSid, {item_of(event)}, codebook);
  }
  row::ExprId title_of(row::ExprId event) {
    return expr(row::Op::column, kText, {item_of(event)}, kTitle);
  }
  row::ExprId category_of(row::ExprId event) {
    return expr(row::Op::column, list_of(kText), {item_of(event)}, kCategory);
  }
  row::ExprId var(int64_t number, row::Type type) { return expr(row::Op::var, type, {}, number); }
  int32_t new_var() { return function.vars++; }

  row::StmtId stmt(row::Stmt s);
  row::StmtId print(row::ExprId id);
  row::StmtId print(std::string text) { return print(this->text(std::move(text))); }
  row::StmtId turn(row::Role role, std::vector<row::StmtId> body, bool masked = false);
  row::StmtId each(int64_t var, row::ExprId list, std::vector<row::StmtId> body,
                   std::vector<row::StmtId> separator);
  row::StmtId if_(row::ExprId condition, std::vector<row::StmtId> then,
                  std::vector<row::StmtId> otherwise);
  row::StmtId choose(int64_t var, std::vector<double> weights,
                     std::vector<std::vector<row::StmtId>> bodies);
  /// "${h.sid sep separator}"
  row::StmtId history_sids(std::string separator);

  row::RowFunction function;
};

/// A catalogue of a few films with awkward titles, a few hundred events, and two codebooks: one with marks, one without.
class World {
 public:
  World();
  World(const World&) = delete;

  RexpRowContext context(const text::Tokenizer* tokenizer, abi::TextCache* texts = nullptr) const {
    return {columns_, sids_, tokenizer, texts};
  }
  /// Slots of row number i: histories of 0 to 6 events; reals that are not numbers among the rates.
  std::vector<int64_t> row(uint64_t i) const;
  /// The columns that a function reads, by table and name.
  std::vector<RexpColumn> columns(const row::RowFunction& function) const;
  int64_t items() const { return static_cast<int64_t>(years_.size()); }

 private:
  std::string titles_, categories_;
  std::vector<int64_t> title_offsets_, category_offsets_, category_lists_, years_, event_items_,
      at_;
  std::vector<double> scores_;
  std::vector<int32_t> sid_ids_[2];
  std::vector<uint8_t> sid_levels_[2];
  RexpColumn columns_[6];
  RexpSidTable sids_[2];
};

/// 256 bytes, a few merges, and ChatML's special tokens.
text::Tokenizer small_tokenizer();
text::ChatFormat chatml(const text::Tokenizer& tokenizer, text::Think think = text::Think::none);

}  // namespace rexp::testing
