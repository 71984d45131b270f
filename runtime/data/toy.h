// Made-up films for tests and first steps: no file, no network, the same for ever for the same
// three numbers.
//
//   items   id, title ("沉默的灯塔" or "The Silent Lighthouse"), year, category (one or two genres)
//   events  user, item, at
//
// Something is learnable: a user has a favourite and a second genre, nouns of titles belong to
// genres, and after a film its successor in the genre often follows.
#pragma once

#include <cstdint>

#include "runtime/data/raw_table.h"

namespace rexp::data {

struct ToyOptions {
  int64_t users = 500;
  int64_t items = 200;
  uint64_t seed = 7;
  bool chinese = true;
};

RawTable toy_items(const ToyOptions& options);
/// Every user has 5 to 24 events (fewer where there are fewer items), no film twice.
RawTable toy_events(const ToyOptions& options);

}  // namespace rexp::data
