// A codebook for a catalogue that has grown: nobody is renumbered.
//
//   Result<Codebook> book = extend(old, quantiser, vectors, {0, 1, -1, 2});      // the third item is new
//
// Old items keep their codes. New ones get the quantiser's, and behind them the next free places of the level that separates clashes;
// places of items that have left the catalogue stay taken.
#pragma once

#include <cstdint>
#include <vector>

#include "runtime/base/result.h"
#include "runtime/codebook/codebook.h"
#include "runtime/codebook/quantiser.h"

namespace rexp::codebook {

/// `old_item`: of every row of `vectors` its item in the old book, -1 for a new one. User errors: a quantiser of another book, vectors
/// of another kind, more items with equal codes than the last level has places.
Result<Codebook> extend(const Codebook& old, const Quantiser& quantiser, const Vectors& vectors,
                        const std::vector<int64_t>& old_item);

}  // namespace rexp::codebook
