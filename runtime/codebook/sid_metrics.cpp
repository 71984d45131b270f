#include "runtime/codebook/sid_metrics.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include "runtime/base/assert.h"
#include "runtime/base/json.h"
#include "runtime/base/random.h"

namespace rexp::codebook {
namespace {

constexpr int kShuffles = 10;  // of the purity control
constexpr int64_t kRandomPairs = 100'000;
// Items of a group that are compared pair by pair; larger groups are thinned evenly.
constexpr int64_t kLargestGroup = 2'000;

/// For each item the number of its prefix, numbered in order of first appearance.
struct Grouping {
  std::vector<int64_t> group;  // [items]
  int64_t count = 0;
};

Grouping refine(const Grouping& parent, const Codebook& book, int level) {
  Grouping result;
  std::map<std::pair<int64_t, int32_t>, int64_t> numbers;
  for (size_t item = 0; item < book.codes.size(); ++item) {
    const auto [place, fresh] =
        numbers.emplace(std::pair(parent.group[item], book.codes[item][level]), result.count);
    result.count += fresh;
    result.group.push_back(place->second);
  }
  return result;
}

std::vector<int64_t> group_sizes(const Grouping& grouping) {
  std::vector<int64_t> sizes(static_cast<size_t>(grouping.count));
  for (int64_t g : grouping.group) ++sizes[g];
  return sizes;
}

/// Nats.
double entropy(const std::vector<int64_t>& counts) {
  const double total =
      static_cast<double>(std::accumulate(counts.begin(), counts.end(), int64_t{0}));
  double sum = 0;
  for (int64_t n : counts) {
    if (n > 0) sum -= static_cast<double>(n) / total * std::log(static_cast<double>(n) / total);
  }
  return sum;
}

double gini(std::vector<int64_t> loads) {
  std::sort(loads.begin(), loads.end());
  double weighted = 0, total = 0;
  for (size_t i = 0; i < loads.size(); ++i) {
    weighted += static_cast<double>(2 * i + 1) * static_cast<double>(loads[i]);
    total += static_cast<double>(loads[i]);
  }
  const double n = static_cast<double>(loads.size());
  return total == 0 ? 0 : weighted / (n * total) - 1;
}

double lift(const Grouping& grouping, const data::Dataset& dataset) {
  const std::vector<int64_t>& items = dataset.event_items();
  std::vector<double> mass(static_cast<size_t>(grouping.count));
  double events = 0, pairs = 0, same = 0;
  for (int64_t user = 0; user < dataset.user_count(); ++user) {
    for (int64_t e = dataset.user_offsets[user]; e < dataset.train_end(user); ++e) {
      const int64_t group = grouping.group[items[e]];
      ++mass[group];
      ++events;
      if (e == dataset.user_offsets[user]) continue;
      ++pairs;
      same += group == grouping.group[items[e - 1]];
    }
  }
  double chance = 0;
  for (double m : mass) chance += m / events * (m / events);
  return pairs == 0 ? 0 : same / pairs / chance;
}

/// Label lists as sorted numbers, and each item's one label: the commonest of its list, -1 where
/// the list is empty.
struct Labels {
  std::vector<std::vector<int32_t>> lists;
  std::vector<int32_t> label;
};

Labels read_labels(const data::Column& column, int64_t items) {
  REXP_ASSERT(column.kind == data::ColumnKind::text_list && column.rows() == items,
              "labels are a list per item");
  std::map<std::string_view, int32_t> numbers;
  std::vector<int64_t> counts;
  Labels labels;
  labels.lists.resize(static_cast<size_t>(items));
  for (int64_t item = 0; item < items; ++item) {
    std::vector<int32_t>& list = labels.lists[item];
    for (int64_t k = column.list_offsets[item]; k < column.list_offsets[item + 1]; ++k) {
      const auto [place, fresh] =
          numbers.emplace(column.text(k), static_cast<int32_t>(counts.size()));
      if (fresh) counts.push_back(0);
      list.push_back(place->second);
    }
    std::sort(list.begin(), list.end());
    list.erase(std::unique(list.begin(), list.end()), list.end());
    for (int32_t value : list) ++counts[value];
  }
  for (const std::vector<int32_t>& list : labels.lists) {
    const auto best = std::max_element(list.begin(), list.end(),
                                       [&](int32_t a, int32_t b) { return counts[a] < counts[b]; });
    labels.label.push_back(best == list.end() ? -1 : *best);
  }
  return labels;
}

/// `label` has one entry per element of `items`.
double purity(const Grouping& grouping, const std::vector<int64_t>& items,
              const std::vector<int32_t>& label) {
  std::map<std::pair<int64_t, int32_t>, int64_t> counts;
  for (size_t i = 0; i < items.size(); ++i) ++counts[{grouping.group[items[i]], label[i]}];
  std::vector<int64_t> best(static_cast<size_t>(grouping.count));
  for (const auto& [key, count] : counts) best[key.first] = std::max(best[key.first], count);
  return static_cast<double>(std::accumulate(best.begin(), best.end(), int64_t{0})) /
         static_cast<double>(items.size());
}

double jaccard(const std::vector<int32_t>& a, const std::vector<int32_t>& b) {
  std::vector<int32_t> both;
  std::set_intersection(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(both));
  const size_t either = a.size() + b.size() - both.size();
  return either == 0 ? 0 : static_cast<double>(both.size()) / static_cast<double>(either);
}

/// Over all pairs of items of a group; nothing where no group has two.
std::optional<double> same_group_jaccard(const Grouping& grouping,
                                         const std::vector<int64_t>& items, const Labels& labels) {
  std::vector<std::vector<int64_t>> members(static_cast<size_t>(grouping.count));
  for (int64_t item : items) members[grouping.group[item]].push_back(item);
  double sum = 0, pairs = 0;
  for (const std::vector<int64_t>& group : members) {
    const size_t stride = 1 + group.size() / kLargestGroup;
    for (size_t i = 0; i < group.size(); i += stride) {
      for (size_t j = i + stride; j < group.size(); j += stride, ++pairs)
        sum += jaccard(labels.lists[group[i]], labels.lists[group[j]]);
    }
  }
  return pairs == 0 ? std::nullopt : std::optional(sum / pairs);
}

double random_jaccard(const std::vector<int64_t>& items, const Labels& labels, uint64_t seed) {
  const uint64_t draws = stream(seed, "sid_metrics/pairs");
  double sum = 0;
  for (int64_t pair = 0; pair < kRandomPairs; ++pair) {
    const uint64_t n = items.size(), a = below(draws, 2 * pair, n),
                   b = (a + 1 + below(draws, 2 * pair + 1, n - 1)) % n;
    sum += jaccard(labels.lists[items[a]], labels.lists[items[b]]);
  }
  return sum / kRandomPairs;
}

void measure_labels(const std::vector<Grouping>& groupings, const data::Column& column,
                    uint64_t seed, SidReport& report) {
  const Labels labels = read_labels(column, report.items);
  std::vector<int64_t> items;
  std::vector<int32_t> label;
  for (int64_t item = 0; item < report.items; ++item) {
    if (labels.label[item] < 0) continue;
    items.push_back(item);
    label.push_back(labels.label[item]);
  }
  if (items.size() < 2) return;
  const double random = random_jaccard(items, labels, seed);
  for (size_t level = 0; level < groupings.size(); ++level) {
    SidLevel& into = report.levels[level];
    into.purity = purity(groupings[level], items, label);
    into.jaccard = same_group_jaccard(groupings[level], items, labels);
    into.jaccard_random = random;
    double shuffled_sum = 0;
    for (uint64_t shuffle = 0; shuffle < kShuffles; ++shuffle) {
      const uint64_t key = stream(stream(seed, "sid_metrics/labels"), shuffle);
      std::vector<int32_t> shuffled(label.size());
      for (size_t i = 0; i < label.size(); ++i) shuffled[i] = label[permute(label.size(), i, key)];
      shuffled_sum += purity(groupings[level], items, shuffled);
    }
    into.purity_shuffled = shuffled_sum / kShuffles;
  }
}

/// Takes the mean of the vectors with the same code from each of them; returns the sum of squares
/// that is left.
double subtract_means(std::vector<double>& residual, int64_t items, int32_t size,
                      const auto& code_of, int64_t codes) {
  std::vector<double> mean(static_cast<size_t>(codes * size));
  std::vector<int64_t> count(static_cast<size_t>(codes));
  for (int64_t item = 0; item < items; ++item) {
    ++count[code_of(item)];
    for (int32_t d = 0; d < size; ++d) mean[code_of(item) * size + d] += residual[item * size + d];
  }
  double left = 0;
  for (int64_t item = 0; item < items; ++item) {
    for (int32_t d = 0; d < size; ++d) {
      double& value = residual[item * size + d];
      value -= mean[code_of(item) * size + d] / static_cast<double>(count[code_of(item)]);
      left += value * value;
    }
  }
  return left;
}

void measure_vectors(const Codebook& book, const Vectors& vectors, SidReport& report) {
  REXP_ASSERT(vectors.rows == report.items, "there is a vector per item");
  std::vector<double> residual(vectors.values.begin(), vectors.values.end());
  const double variance =
      subtract_means(residual, report.items, vectors.size, [](int64_t) { return 0; }, 1);
  for (size_t level = 0; level < report.levels.size(); ++level) {
    const auto code_of = [&](int64_t item) {
      return static_cast<int64_t>(book.codes[item][level]);
    };
    const double left =
        subtract_means(residual, report.items, vectors.size, code_of, book.level_sizes[level]);
    report.levels[level].explained_variance = variance == 0 ? 0 : 1 - left / variance;
  }
}

}  // namespace

SidReport measure(const Codebook& book, const data::Dataset* dataset, const SidEvidence& evidence) {
  SidReport report;
  report.items = static_cast<int64_t>(book.codes.size());
  if (report.items == 0) return report;
  const int depth = book.depth() - (book.extra_level ? 1 : 0);
  std::vector<Grouping> groupings;
  Grouping above{std::vector<int64_t>(book.codes.size()), 1};
  double entropy_above = 0;
  for (int level = 0; level < depth; ++level) {
    const Grouping grouping = refine(level == 0 ? above : groupings.back(), book, level);
    std::vector<int64_t> loads(static_cast<size_t>(book.level_sizes[level]));
    for (const std::vector<int32_t>& codes : book.codes) ++loads[codes[level]];
    SidLevel result;
    result.size = book.level_sizes[level];
    result.perplexity = std::exp(entropy(loads));
    std::erase(loads, 0);
    result.used = static_cast<int32_t>(loads.size());
    result.gini = gini(loads);
    const double joint = entropy(group_sizes(grouping));
    result.conditional_entropy = joint - entropy_above;
    entropy_above = joint;
    result.prefixes = grouping.count;
    if (dataset) result.lift = lift(grouping, *dataset);
    report.levels.push_back(result);
    groupings.push_back(grouping);
  }
  int64_t sharing = 0;
  for (int64_t size : group_sizes(groupings.back())) {
    report.max_group = std::max(report.max_group, size);
    if (size > 1) sharing += size;
  }
  report.collision_rate =
      1 - static_cast<double>(groupings.back().count) / static_cast<double>(report.items);
  report.share_in_collisions = static_cast<double>(sharing) / static_cast<double>(report.items);
  if (evidence.labels) measure_labels(groupings, *evidence.labels, evidence.seed, report);
  if (evidence.vectors) measure_vectors(book, *evidence.vectors, report);
  return report;
}

nlohmann::ordered_json to_json(const SidReport& report) {
  nlohmann::ordered_json levels = nlohmann::ordered_json::array();
  for (const SidLevel& level : report.levels) {
    nlohmann::ordered_json json = {{"size", level.size},
                                   {"used", level.used},
                                   {"usage", static_cast<double>(level.used) / level.size},
                                   {"perplexity", level.perplexity},
                                   {"gini", level.gini},
                                   {"conditional_entropy", level.conditional_entropy},
                                   {"prefixes", level.prefixes}};
    const auto add = [&](const char* name, const std::optional<double>& value) {
      if (value) json[name] = *value;
    };
    add("lift", level.lift);
    add("purity", level.purity);
    add("purity_shuffled", level.purity_shuffled);
    add("jaccard", level.jaccard);
    add("jaccard_random", level.jaccard_random);
    add("explained_variance", level.explained_variance);
    levels.push_back(std::move(json));
  }
  return {{"items", report.items},
          {"collision_rate", report.collision_rate},
          {"share_in_collisions", report.share_in_collisions},
          {"max_group", report.max_group},
          {"levels", std::move(levels)}};
}

}  // namespace rexp::codebook
