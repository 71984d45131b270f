#include "runtime/eval/evaluate.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <functional>
#include <utility>

#include "runtime/base/assert.h"
#include "runtime/base/json.h"
#include "runtime/eval/binary_file.h"

namespace rexp::eval {
namespace {

constexpr std::string_view kMagic = "REXPUSR1";

int32_t common_prefix(std::span<const int32_t> a, std::span<const int32_t> b) {
  const size_t n = std::min(a.size(), b.size());
  size_t i = 0;
  while (i < n && a[i] == b[i]) ++i;
  return static_cast<int32_t>(i);
}

/// The lists are those of the targets, and what they name has codes.
Status check(const Guesses& guesses, std::span<const int32_t> targets,
             const std::vector<std::vector<int32_t>>& item_codes) {
  if (guesses.users() != static_cast<int64_t>(targets.size()))
    return internal_error("there are " + std::to_string(guesses.users()) + " lists for " +
                          std::to_string(targets.size()) + " rows");
  if (item_codes.empty()) return {};
  const auto known = [&](int32_t item) { return item < static_cast<int32_t>(item_codes.size()); };
  if (std::all_of(guesses.items.begin(), guesses.items.end(), known) &&
      std::all_of(targets.begin(), targets.end(), known))
    return {};
  return internal_error("guesses or targets are of items that have no semantic id");
}

Status check(const std::vector<Metric>& metrics,
             const std::vector<std::vector<int32_t>>& item_codes) {
  for (const Metric& metric : metrics) {
    if (metric.levels == 0) continue;
    if (metric.depth < 1) return internal_error("`" + metric.name + "` has no depth");
    if (item_codes.empty())
      return user_error("`" + metric.name + "` needs semantic ids, the protocol has no codebook",
                        "leave it out of the metrics, or decode a codebook");
    if (metric.levels > static_cast<int>(item_codes[0].size()))
      return user_error("`" + metric.name + "` asks for " + std::to_string(metric.levels) +
                            " codes, semantic ids have " + std::to_string(item_codes[0].size()),
                        "ask for fewer");
  }
  return {};
}

/// One user's list as metrics look at it.
struct UserList {
  int64_t rank = 0;              // of the true item; 0: absent
  std::vector<int32_t> answers;  // rank of each guess's answer, from 0
  std::vector<int32_t> agree;    // leading codes in common with the true item; empty without codes
};

UserList read_list(const Guesses& guesses, int64_t user, int32_t target,
                   const std::vector<std::vector<int32_t>>& item_codes) {
  UserList list;
  for (int64_t e = guesses.offsets[user]; e < guesses.offsets[user + 1]; ++e) {
    const int32_t item = guesses.items[e];
    if (item == target && list.rank == 0) list.rank = e - guesses.offsets[user] + 1;
    if (item_codes.empty()) continue;
    const std::span<const int32_t> own = guesses.depth > 0 ? guesses.tokens_of(e)
                                         : item >= 0 ? std::span<const int32_t>(item_codes[item])
                                                     : std::span<const int32_t>();
    list.answers.push_back(guesses.answers[e]);
    list.agree.push_back(common_prefix(own, item_codes[target]));
  }
  if (!guesses.target_ranks.empty()) list.rank = guesses.target_ranks[user];
  return list;
}

int64_t rank_of(const Metric& metric, const UserList& list) {
  int64_t rank = list.rank;
  if (metric.levels > 0) {
    const auto met = std::find_if(list.agree.begin(), list.agree.end(),
                                  [&](int32_t agree) { return agree >= metric.levels; });
    rank = met == list.agree.end() ? 0 : list.answers[met - list.agree.begin()] + 1;
  }
  return metric.depth > 0 && rank > metric.depth ? 0 : rank;
}

Result<PerUser> score_users(const Guesses& guesses, std::span<const int32_t> targets,
                            const std::vector<std::vector<int32_t>>& item_codes,
                            const std::vector<Metric>& metrics) {
  PerUser out;
  out.seen = guesses.seen;
  for (const Metric& metric : metrics) out.metrics.push_back(metric.name);
  for (int64_t user = 0; user < guesses.users(); ++user) {
    const UserList list = read_list(guesses, user, targets[user], item_codes);
    out.ranks.push_back(list.rank);
    for (const Metric& metric : metrics) {
      Result<double> value = metric.value(rank_of(metric, list));
      if (!value.ok()) return value.error();
      out.values.push_back(*value);
    }
  }
  return out;
}

/// The longest rank that a guess of these lists has or a target could be found at.
int64_t deepest_rank(const Guesses& guesses) {
  int64_t deepest = 0;
  for (int64_t user = 0; user < guesses.users(); ++user)
    deepest = std::max(deepest, guesses.offsets[user + 1] - guesses.offsets[user]);
  for (const int64_t rank : guesses.target_ranks) deepest = std::max(deepest, rank);
  return deepest;
}

bool all_equal(const std::vector<double>& values) {
  return std::adjacent_find(values.begin(), values.end(), std::not_equal_to<>()) == values.end();
}

/// The least and the most that a metric gives at ranks up to `deepest`; what is no number does not count.
Result<std::pair<double, double>> range_of(const Metric& metric, double seen, int64_t deepest) {
  std::pair range(seen, seen);
  if (metric.depth > 0) deepest = std::min(deepest, metric.depth);
  for (int64_t rank = 0; rank <= deepest; ++rank) {
    Result<double> value = metric.value(rank);
    if (!value.ok()) return value.error();
    if (!std::isfinite(*value)) continue;
    range = {std::min(range.first, *value), std::max(range.second, *value)};
  }
  return range;
}

/// Where all users have the same value, resamples say nothing: another interval takes the place of theirs, and a note says so.
Status mend_intervals(const std::vector<Metric>& metrics, const Guesses& guesses,
                      const PerUser& values, double level, std::vector<Interval>* intervals,
                      std::vector<std::string>* notes) {
  std::string alike;
  for (size_t m = 0; m < metrics.size(); ++m) {
    const std::vector<double> column = values.column(metrics[m].name);
    if (column.empty() || !all_equal(column)) continue;
    const auto range = range_of(metrics[m], column[0], deepest_rank(guesses));
    if (!range.ok()) return range.error();
    (*intervals)[m] =
        interval_of_equals(column[0], range->first, range->second, values.users(), level);
    alike += (alike.empty() ? "`" : ", `") + metrics[m].name + "`";
  }
  if (!alike.empty()) {
    notes->push_back("seen = " + std::string(to_string(values.seen)) +
                     ": all users have the same " + alike +
                     "; their intervals are Wilson's, not the bootstrap's");
  }
  return {};
}

std::string percent(double share) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f %%", 100 * share);
  return text;
}

void add_notes(const Guesses& guesses, std::span<const int32_t> targets,
               std::vector<std::string>* notes) {
  if (std::find(guesses.items.begin(), guesses.items.end(), -1) == guesses.items.end()) return;
  const std::vector<RankShares> shares = shares_by_rank(guesses, {});
  std::string note =
      "seen = " + std::string(to_string(guesses.seen)) + ": answers that are no item, by rank:";
  for (size_t rank : {0, 1, 2, 4, 9, 19, 49})
    if (rank < shares.size())
      note += " " + std::to_string(rank + 1) + ": " + percent(shares[rank].invalid) + ",";
  note.back() = ';';
  notes->push_back(note + " they keep their rank and count as misses (" +
                   std::to_string(targets.size()) + " users)");
}

}  // namespace

std::vector<double> PerUser::column(std::string_view metric) const {
  const auto at = std::find(metrics.begin(), metrics.end(), metric);
  std::vector<double> out;
  if (at == metrics.end()) return out;
  for (size_t u = 0; u < ranks.size(); ++u)
    out.push_back(values[u * metrics.size() + (at - metrics.begin())]);
  return out;
}

Result<Evaluation> evaluate(const std::vector<Guesses>& lists, std::span<const int32_t> targets,
                            const std::vector<std::vector<int32_t>>& item_codes,
                            const std::vector<Metric>& metrics, const BootstrapOptions& options) {
  REXP_TRY(check(metrics, item_codes));
  Evaluation out;
  for (const Guesses& guesses : lists) {
    REXP_TRY(check(guesses, targets, item_codes));
    Result<PerUser> values = score_users(guesses, targets, item_codes, metrics);
    if (!values.ok()) return values.error();
    const auto columns = static_cast<int64_t>(metrics.size());
    std::vector<Interval> intervals = bootstrap(values->values, guesses.users(), columns, options);
    if (options.resamples > 0) {
      REXP_TRY(mend_intervals(metrics, guesses, *values, options.level, &intervals, &out.notes));
    }
    for (int64_t m = 0; m < columns; ++m)
      out.rows.push_back({to_string(guesses.seen), values->metrics[m], intervals[m].mean,
                          intervals[m].low, intervals[m].high, guesses.users()});
    add_notes(guesses, targets, &out.notes);
    out.per_user.push_back(std::move(*values));
  }
  return out;
}

std::vector<RankShares> shares_by_rank(const Guesses& guesses,
                                       std::span<const int64_t> train_counts) {
  std::vector<RankShares> shares;
  for (int64_t user = 0; user < guesses.users(); ++user) {
    int32_t last = -1;
    for (int64_t e = guesses.offsets[user]; e < guesses.offsets[user + 1]; ++e) {
      const int32_t answer = guesses.answers[e];
      if (answer == last) continue;  // the first item of an answer speaks for it
      last = answer;
      if (static_cast<size_t>(answer) >= shares.size()) shares.resize(answer + 1);
      RankShares& rank = shares[answer];
      const int32_t item = guesses.items[e];
      ++rank.users;
      if (item < 0)
        ++rank.invalid;
      else if (train_counts.empty() || train_counts[item] > 2)
        ++rank.warm;
      else
        ++(train_counts[item] > 0 ? rank.tail : rank.cold);
    }
  }
  for (RankShares& rank : shares) {
    const double users = static_cast<double>(std::max<int64_t>(rank.users, 1));
    rank.warm /= users, rank.tail /= users, rank.cold /= users, rank.invalid /= users;
  }
  return shares;
}

nlohmann::json to_json(const MetricRow& row) {
  return {{"seen", row.seen}, {"metric", row.metric}, {"value", row.value},
          {"low", row.low},   {"high", row.high},     {"n", row.n}};
}

Status save(const std::vector<PerUser>& values, const std::string& path) {
  ArrayWriter file;
  file.put(std::vector<int32_t>{static_cast<int32_t>(values.size())});
  for (const PerUser& v : values) {
    file.put(
        std::vector<int32_t>{static_cast<int32_t>(v.seen), static_cast<int32_t>(v.metrics.size())});
    for (const std::string& metric : v.metrics) file.put(metric);
    file.put(v.ranks), file.put(v.values);
  }
  return file.write(path, kMagic);
}

Result<std::vector<PerUser>> load_per_user(const std::string& path) {
  Result<ArrayReader> file = ArrayReader::open(path, kMagic);
  if (!file.ok()) return file.error();
  const std::vector<int32_t> count = file->take<int32_t>();
  std::vector<PerUser> out;
  if (count.size() != 1) return file->broken();
  for (int32_t i = 0; i < count[0]; ++i) {
    const std::vector<int32_t> head = file->take<int32_t>();
    if (head.size() != 2 || head[0] < 0 || head[0] > 1) return file->broken();
    PerUser& v = out.emplace_back();
    v.seen = static_cast<Seen>(head[0]);
    for (int32_t m = 0; m < head[1] && file->good(); ++m) v.metrics.push_back(file->take_text());
    v.ranks = file->take<int64_t>();
    v.values = file->take<double>();
    if (!file->good() || v.values.size() != v.ranks.size() * v.metrics.size())
      return file->broken();
  }
  if (!file->good()) return file->broken();
  return out;
}

}  // namespace rexp::eval
