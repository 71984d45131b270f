// Ranking metrics with one relevant item per user, over the full catalogue (no sampled negatives).
//
//   r              rank of the user's true next item in the list, from 1; absent: infinite
//   hit@k          [r <= k]; recall@k is the same
//   ndcg@k         [r <= k] / log2(r + 1)
//   mrr@k          [r <= k] / r; mrr: without a cut
//   prefix@n@k     1 when one of the first k answers has the first n codes of the true semantic id
//
// Where several items share a semantic id, an answer (one semantic id) is several entries of the
// list, in the order of the catalogue (popularity): meeting the semantic id is not a hit, meeting
// the item at its rank is. An answer that is no item keeps its rank and is a miss.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "runtime/base/result.h"

namespace rexp::eval {

struct Metric {
  enum class Kind : uint8_t { hit, recall, ndcg, mrr, prefix };
  Kind kind = Kind::hit;
  int prefix = 0;  // codes that must agree; of `prefix` only
  int k = 0;       // 0: no cut; `mrr` only
  bool operator==(const Metric&) const = default;
};

/// "hit@10", "recall@10", "ndcg@10", "mrr", "mrr@10", "prefix@2@10".
Result<Metric> parse_metric(std::string_view name);
std::string to_string(const Metric& metric);

/// One entry of a ranked list, as far as metrics look at it.
struct Entry {
  int32_t answer = 0;  // rank of the answer (a beam) that the entry came from, from 0
  int32_t agree = 0;   // leading codes in common with the true semantic id
};

/// Value of a metric for one user. `rank`: of the target in the list, from 1, 0 when absent;
/// `entries`: best first.
double value(const Metric& metric, int64_t rank, std::span<const Entry> entries);

}  // namespace rexp::eval
