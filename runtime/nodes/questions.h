// What the rows of a protocol ask: who, after which items, and what came next.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "runtime/data/dataset.h"
#include "runtime/data/rows.h"
#include "runtime/nodes/run.h"

namespace rexp::nodes {

/// One question per row of the protocol.
struct Questions {
  std::vector<int64_t> users;
  std::vector<int32_t> targets;                 // the true next item
  std::vector<std::vector<int32_t>> histories;  // everything the user saw before it, oldest first
};

/// A protocol's rows as its nodes read them.
struct Asked {
  std::shared_ptr<const data::Dataset> dataset;
  data::Rows rows;
  Questions questions;
};

/// The inputs `load` and `rows` of a node. Error: rows without `next` (a protocol needs windows).
Result<Asked> read_asked(NodeContext& context);

/// The few rows that are shown to people, spread over all of them.
std::vector<int64_t> shown_rows(int64_t count);

}  // namespace rexp::nodes
