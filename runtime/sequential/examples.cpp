#include "runtime/sequential/examples.h"

#include <algorithm>

namespace rexp::sequential {

std::vector<Stretch> prefixes(const data::Dataset& dataset, int64_t before) {
  std::vector<Stretch> out;
  for (int64_t user = 0; user < dataset.user_count(); ++user) {
    const int64_t first = dataset.user_offsets[user];
    for (int64_t event = first + 1; event < dataset.train_end(user); ++event)
      out.push_back({std::max(first, event - before), event + 1});
  }
  return out;
}

std::vector<Stretch> pieces(const data::Dataset& dataset, int64_t size, int64_t overlap) {
  std::vector<Stretch> out;
  for (int64_t user = 0; user < dataset.user_count(); ++user) {
    const int64_t first = dataset.user_offsets[user];
    for (int64_t end = dataset.train_end(user); end - first >= 2;) {
      const int64_t begin = std::max(first, end - size);
      out.push_back({begin, end});
      if (begin == first) break;
      end = begin + overlap;
    }
  }
  return out;
}

void Batch::add_target(int64_t place, int64_t item) {
  sequences.outputs.push_back(place);
  targets.push_back(item);
}

}  // namespace rexp::sequential
