// The reference of a mixture kernel; compiler/row/mixture.h says what it computes.
//
//   int32_t status = interp::draw(mixture, row, stream, sink.get());   // row: position, then the number of rows of each task
//   abi::Draw d = abi::unpack_draw(sink.value());
#pragma once

#include <cstdint>

#include "compiler/row/mixture.h"
#include "runtime/abi/abi.h"

namespace rexp::interp {

/// Sets the sink's value to the packed draw; REXP_OK, or REXP_USER where a task with a quota has no rows or no task has any.
int32_t draw(const row::Mixture& mixture, const int64_t* row, uint64_t stream, RexpSink* sink);

}  // namespace rexp::interp
