// Runs a row function by walking its tree: the definition of what compiled code must do, bit for bit.
//
//   abi::SinkBuffer sink;
//   int32_t status = interp::run(function, context, rows.row(i), stream, sink.get());   // the arguments of a RexpRowFn
//
// Simple on purpose: a list is always a vector; a shared expression is computed when it is first wanted and kept until a variable it
// reads is bound again. Everything that could differ in the last bit (numbers as text,
// libm, draws, ties) goes through runtime/abi/row_helpers.h, as in compiled code.
#pragma once

#include <cstdint>

#include "compiler/row/row_tree.h"
#include "compiler/row/sharing.h"
#include "runtime/abi/abi.h"

namespace rexp::interp {

/// Appends what `function` prints to `sink`, or sets its value, as a RexpRowFn would; REXP_OK. `function` is verified and woven.
int32_t run(const row::RowFunction& function, const RexpRowContext& context, const int64_t* row,
            uint64_t stream, RexpSink* sink);
/// The same for many rows, where `sharing` is look_at_sharing(function).
int32_t run(const row::RowFunction& function, const row::Sharing& sharing,
            const RexpRowContext& context, const int64_t* row, uint64_t stream, RexpSink* sink);

}  // namespace rexp::interp
