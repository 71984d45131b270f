// What the rows of a protocol ask: who, after which items, and what came next.
#pragma once

#include <cstdint>
#include <vector>

#include "runtime/base/result.h"
#include "runtime/data/dataset.h"
#include "runtime/data/rows.h"

namespace rexp::abi {

/// One question per row of the protocol.
struct Questions {
  std::vector<int64_t> users;
  std::vector<int32_t> targets;                 // the true next item
  std::vector<std::vector<int32_t>> histories;  // everything the user saw before it, oldest first
};

/// Error: rows without `next` (a protocol needs windows).
Result<Questions> read_questions(const data::Dataset& dataset, const data::Rows& rows);

/// The few rows that are shown to people, spread over all of them.
std::vector<int64_t> shown_rows(int64_t count);

}  // namespace rexp::abi
