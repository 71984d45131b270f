// Row functions that the tests of nodes bind, written by hand to the signature that the compiler fills.
#pragma once

#include <bit>
#include <string_view>

#include "runtime/abi/row_helpers.h"

namespace rexp::abi {

inline std::string_view text_at(const RexpColumn& column, int64_t row) {
  return std::string_view(static_cast<const char*>(column.data))
      .substr(static_cast<size_t>(column.text_offsets[row]),
              static_cast<size_t>(column.text_offsets[row + 1] - column.text_offsets[row]));
}
inline int64_t integer_at(const RexpColumn& column, int64_t row) {
  return static_cast<const int64_t*>(column.data)[row];
}
inline void write(RexpSink* sink, std::string_view text) {
  rexp_rk_text(sink, text.data(), static_cast<int64_t>(text.size()));
}

inline int32_t found(const RexpRowContext*, const int64_t* row, uint64_t, RexpSink* sink) {
  sink->value = std::bit_cast<int64_t>(row[0] > 0 ? 1.0 : 0.0);
  return REXP_OK;
}
inline int32_t by_column(const RexpRowContext* context, const int64_t* row, uint64_t,
                         RexpSink* sink) {
  write(sink, text_at(context->columns[0], row[0]));
  return REXP_OK;
}
inline int32_t even(const RexpRowContext*, const int64_t* row, uint64_t, RexpSink* sink) {
  sink->value = row[0] % 2 == 0;
  return REXP_OK;
}
inline int32_t first_slot(const RexpRowContext*, const int64_t* row, uint64_t, RexpSink* sink) {
  sink->value = row[0];
  return REXP_OK;
}
/// 0: no item, 1: at most two train events, 2: more.
inline int32_t warmth(const RexpRowContext* context, const int64_t* row, uint64_t, RexpSink* sink) {
  sink->value = row[0] < 0 ? 0 : integer_at(context->columns[0], row[0]) <= 2 ? 1 : 2;
  return REXP_OK;
}
inline int32_t is_n(const RexpRowContext* context, const int64_t* row, uint64_t, RexpSink* sink) {
  sink->value = text_at(context->columns[0], row[0]).size() == 1;
  return REXP_OK;
}
/// Slots history_end, next: the last item's semantic id, then the next one's, trained.
inline int32_t render(const RexpRowContext* context, const int64_t* row, uint64_t, RexpSink* sink) {
  rexp_rk_emit_sid(sink, context->sids, integer_at(context->columns[0], row[0] - 1), 0);
  rexp_rk_emit_sid(sink, context->sids, integer_at(context->columns[0], row[1]), 1);
  return REXP_OK;
}
inline int32_t prompt(const RexpRowContext* context, const int64_t* row, uint64_t, RexpSink* sink) {
  rexp_rk_emit_sid(sink, context->sids, integer_at(context->columns[0], row[0] - 1), 0);
  return REXP_OK;
}
inline int32_t one_task(const RexpRowContext*, const int64_t* slots, uint64_t, RexpSink* sink) {
  sink->value = pack({0, slots[0] % slots[1]});
  return REXP_OK;
}
inline int32_t half(const RexpRowContext*, const int64_t*, uint64_t, RexpSink* sink) {
  sink->value = std::bit_cast<int64_t>(0.5);
  return REXP_OK;
}

}  // namespace rexp::abi
