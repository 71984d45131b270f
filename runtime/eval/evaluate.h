// From ranked lists to metric rows: one value with its 95 % interval per metric and treatment of
// seen items.
//
//   auto e = evaluate(lists, targets, item_codes, metrics, {.stream = s});
//   e->rows[0];    // {"keep", "hit@10", .113, .094, .134, 943}
//
// Rows do not say which system, protocol or split they are of: a name that changes makes no other artifact, and the report
// knows the names.
//
// All lists and all systems that are given the same bootstrap stream are resampled alike, so their
// intervals are comparable and paired_difference() of their per-user values is a paired test.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>
#include <vector>

#include "runtime/base/result.h"
#include "runtime/eval/bootstrap.h"
#include "runtime/eval/guesses.h"
#include "runtime/eval/metrics.h"

namespace rexp::eval {

struct MetricRow {
  std::string seen, metric;
  double value = 0, low = 0, high = 0;
  int64_t n = 0;  // users
  bool operator==(const MetricRow&) const = default;
};

/// Values of every metric for every user, under one treatment of seen items.
struct PerUser {
  Seen seen = Seen::keep;
  std::vector<std::string> metrics;
  std::vector<int64_t> ranks;  // [users] of the target, from 1; 0: not in the list
  std::vector<double> values;  // [users, metrics]
  int64_t users() const { return static_cast<int64_t>(ranks.size()); }
  std::vector<double> column(std::string_view metric) const;  // empty when absent
  bool operator==(const PerUser&) const = default;
};

struct Evaluation {
  std::vector<MetricRow> rows;     // by treatment, then by metric, in the order given
  std::vector<std::string> notes;  // what a reader of the table must know
  std::vector<PerUser> per_user;
};

/// `targets[u]`: the true next item. `item_codes[i]`: codes of every item, in the same numbering as
/// Guesses::tokens (needed by metrics with `levels` only; empty otherwise). Lists must be as deep as
/// the metrics, or as long as their system can make them. Errors: a metric with levels without
/// codes or deeper than they are, what a formula says.
Result<Evaluation> evaluate(const std::vector<Guesses>& lists, std::span<const int32_t> targets,
                            const std::vector<std::vector<int32_t>>& item_codes,
                            const std::vector<Metric>& metrics, const BootstrapOptions& bootstrap);

/// What stands at each rank of the answers, as shares of the users that have an answer there.
struct RankShares {
  double warm = 0;     // an item with more than two training events
  double tail = 0;     // one or two
  double cold = 0;     // none
  double invalid = 0;  // no item at all
  int64_t users = 0;
};
/// `train_counts[i]`: training events of item i; empty: every item counts as warm.
std::vector<RankShares> shares_by_rank(const Guesses& guesses,
                                       std::span<const int64_t> train_counts);

nlohmann::json to_json(const MetricRow& row);

/// per_user.bin: same form and guarantees as guesses.bin.
Status save(const std::vector<PerUser>& values, const std::string& path);
Result<std::vector<PerUser>> load_per_user(const std::string& path);

}  // namespace rexp::eval
