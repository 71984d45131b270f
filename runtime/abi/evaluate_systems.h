// What a protocol asks, and how each kind of system answers.
#pragma once

#include <string>
#include <vector>

#include "runtime/abi/run.h"
#include "runtime/eval/guesses.h"
#include "runtime/eval/metrics.h"

namespace rexp::abi {

/// One question per row of the protocol.
struct Questions {
  std::vector<int64_t> users;
  std::vector<int32_t> targets;                 // the true next item
  std::vector<std::vector<int32_t>> histories;  // everything the user saw before it, oldest first
  std::vector<eval::Seen> seen;
};

/// What a protocol measures, and how deep lists must be for it.
struct Measures {
  std::vector<eval::Metric> metrics;
  int64_t deepest = 0;
};
Result<Measures> read_metrics(NodeContext& context);

struct Answers {
  std::vector<eval::Guesses> lists;  // one per treatment of seen items
  std::vector<std::vector<int32_t>>
      item_codes;  // for metrics with levels; empty where the node has no codebook
  std::vector<std::string> notes;
};

/// Error: rows without `next` (a protocol needs windows), a `seen` that does not exist.
Result<Questions> read_questions(const data::Dataset& dataset, const data::Rows& rows,
                                 const nlohmann::json& args);
/// `deepest`: guesses that metrics look at.
Result<Answers> ask_model(NodeContext& context, const data::Rows& rows, const Questions& questions,
                          int64_t deepest);
Result<Answers> ask_baseline(NodeContext& context, const Questions& questions, int64_t deepest);

}  // namespace rexp::abi
