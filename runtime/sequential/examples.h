// What a sequential recommender learns from: stretches of the users' train events, and which of their places are asked.
//
//   std::vector<Stretch> stretches = prefixes(dataset, 50);      one per train event but a user's first
//   std::vector<Stretch> stretches = pieces(dataset, 50);        as few as hold every train event
//
//   Batch batch = ..;      events 4 9 2 | 7 as SASRec: items 4 9, targets 9 2; as BERT4Rec: items 4 MASK 2, target 9
#pragma once

#include <cstdint>
#include <vector>

#include "runtime/data/dataset.h"
#include "runtime/sequential/network.h"

namespace rexp::sequential {

/// Events [begin, end) of one user, all of train.
struct Stretch {
  int64_t begin = 0, end = 0;
};

/// A stretch for every train event but a user's first: the event and up to `before` events before it.
std::vector<Stretch> prefixes(const data::Dataset& dataset, int64_t before);

/// Stretches of at most `size` events, from the newest backwards, that overlap by `overlap`: with an overlap of one, every event but a
/// user's first stands behind another exactly once. Users with fewer than two train events have none.
std::vector<Stretch> pieces(const data::Dataset& dataset, int64_t size, int64_t overlap);

/// Some stretches as the network sees them.
struct Batch {
  Sequences sequences;
  std::vector<int64_t> targets;  // the item at each of the sequences' outputs

  void add_target(int64_t place, int64_t item);
};

}  // namespace rexp::sequential
