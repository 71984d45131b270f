#include "runtime/baseline/baseline.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>

#include "runtime/store/binary.h"

namespace rexp::baseline {
namespace {

constexpr double kPopularityBackOff = 1e-6;
constexpr char kMagic[] = "REXPBASE";
constexpr uint32_t kVersion = 1;

struct Neighbour {
  int32_t item;
  double weight;
};

void push_row(Baseline& baseline, const std::vector<Neighbour>& row) {
  for (const Neighbour& neighbour : row) {
    baseline.index.push_back(neighbour.item);
    baseline.weight.push_back(neighbour.weight);
  }
  baseline.offsets.push_back(static_cast<int64_t>(baseline.index.size()));
}

void count_steps(const data::Dataset& dataset, Baseline& baseline) {
  const std::vector<int64_t>& items = dataset.event_items();
  std::vector<std::vector<int32_t>> following(static_cast<size_t>(dataset.item_count()));
  for (int64_t user = 0; user < dataset.user_count(); ++user) {
    for (int64_t e = dataset.user_offsets[user] + 1; e < dataset.train_end(user); ++e)
      following[items[e - 1]].push_back(static_cast<int32_t>(items[e]));
  }
  for (std::vector<int32_t>& next : following) {
    std::sort(next.begin(), next.end());
    std::vector<Neighbour> row;
    for (int32_t item : next) {
      if (row.empty() || row.back().item != item) row.push_back({item, 0});
      ++row.back().weight;
    }
    push_row(baseline, row);
  }
}

/// Distinct train items of every user, ascending, and the users of every item.
struct Incidence {
  std::vector<std::vector<int32_t>> items_of, users_of;
};

Incidence read_incidence(const data::Dataset& dataset) {
  const std::vector<int64_t>& items = dataset.event_items();
  Incidence incidence;
  incidence.users_of.resize(static_cast<size_t>(dataset.item_count()));
  for (int64_t user = 0; user < dataset.user_count(); ++user) {
    std::vector<int32_t>& own = incidence.items_of.emplace_back(
        items.begin() + dataset.user_offsets[user],
        items.begin() + std::max(dataset.user_offsets[user], dataset.train_end(user)));
    std::sort(own.begin(), own.end());
    own.erase(std::unique(own.begin(), own.end()), own.end());
    for (int32_t item : own) incidence.users_of[item].push_back(static_cast<int32_t>(user));
  }
  return incidence;
}

void find_neighbours(const data::Dataset& dataset, Baseline& baseline) {
  const Incidence incidence = read_incidence(dataset);
  std::vector<int64_t> together(static_cast<size_t>(dataset.item_count()));
  for (int64_t item = 0; item < dataset.item_count(); ++item) {
    std::fill(together.begin(), together.end(), 0);
    for (int32_t user : incidence.users_of[item]) {
      for (int32_t other : incidence.items_of[user]) ++together[other];
    }
    std::vector<Neighbour> row;
    for (int64_t other = 0; other < dataset.item_count(); ++other) {
      if (other == item || together[other] == 0) continue;
      const double sizes = static_cast<double>(incidence.users_of[item].size()) *
                           static_cast<double>(incidence.users_of[other].size());
      row.push_back(
          {static_cast<int32_t>(other), static_cast<double>(together[other]) / std::sqrt(sizes)});
    }
    const int64_t most = baseline.options.neighbours;
    if (most > 0 && static_cast<int64_t>(row.size()) > most) {
      std::stable_sort(row.begin(), row.end(),
                       [](const Neighbour& a, const Neighbour& b) { return a.weight > b.weight; });
      row.resize(static_cast<size_t>(most));
    }
    push_row(baseline, row);
  }
}

/// scores += factor * row of `item`
void add_row(const Baseline& baseline, int64_t item, double factor, std::vector<double>& scores) {
  for (int64_t k = baseline.offsets[item]; k < baseline.offsets[item + 1]; ++k) {
    scores[baseline.index[k]] += factor * baseline.weight[k];
  }
}

}  // namespace

Result<BaselineOptions> parse_options(const nlohmann::json& args) {
  BaselineOptions options;
  try {
    const std::string kind = args.at("kind").get<std::string>();
    if (kind == "markov") {
      options.kind = BaselineKind::markov;
    } else if (kind == "item_knn") {
      options.kind = BaselineKind::item_knn;
    } else if (kind != "popularity") {
      return internal_error("baseline: unknown kind " + kind);
    }
    const auto read_count = [&](const char* name, int64_t& into) {
      if (!args.contains(name)) return;
      into = args[name].is_null() ? 0 : args[name].get<int64_t>();
    };
    read_count("neighbours", options.neighbours);
    read_count("history", options.history);
  } catch (const nlohmann::json::exception& error) {
    return internal_error(std::string("baseline: ") + error.what());
  }
  for (const auto& [name, count] :
       {std::pair("neighbours", options.neighbours), std::pair("history", options.history)}) {
    if (count < 0) {
      return user_error("`" + std::string(name) + "` is " + std::to_string(count) +
                        ", it must be at least 1, or null for all");
    }
  }
  return options;
}

Baseline fit(const BaselineOptions& options, const data::Dataset& dataset) {
  Baseline baseline;
  baseline.options = options;
  baseline.counts = data::train_counts(dataset);
  if (options.kind == BaselineKind::popularity) return baseline;
  baseline.offsets = {0};
  if (options.kind == BaselineKind::markov) {
    count_steps(dataset, baseline);
  } else {
    find_neighbours(dataset, baseline);
  }
  return baseline;
}

std::vector<double> score(const Baseline& baseline, std::span<const int64_t> history) {
  std::vector<double> scores(baseline.counts.size());
  switch (baseline.options.kind) {
    case BaselineKind::popularity:
      std::copy(baseline.counts.begin(), baseline.counts.end(), scores.begin());
      break;
    case BaselineKind::markov:
      for (size_t item = 0; item < scores.size(); ++item)
        scores[item] = kPopularityBackOff * static_cast<double>(baseline.counts[item]);
      if (!history.empty()) add_row(baseline, history.back(), 1, scores);
      break;
    case BaselineKind::item_knn: {
      const size_t most = baseline.options.history == 0
                              ? history.size()
                              : std::min<size_t>(history.size(), baseline.options.history);
      for (size_t age = 1; age <= most; ++age) {
        add_row(baseline, history[history.size() - age], 1.0 / static_cast<double>(age), scores);
      }
      break;
    }
  }
  return scores;
}

Status save(const Baseline& baseline, const std::string& path) {
  store::BinaryWriter payload;
  payload.value(baseline.options.kind);
  payload.value(baseline.options.neighbours);
  payload.value(baseline.options.history);
  payload.array(baseline.counts);
  payload.array(baseline.offsets);
  payload.array(baseline.index);
  payload.array(baseline.weight);
  return store::write_framed(path, kMagic, kVersion, payload.bytes());
}

Result<Baseline> load_baseline(const std::string& path) {
  Result<std::string> bytes = store::read_framed(path, kMagic, kVersion);
  if (!bytes.ok()) return bytes.error();
  store::BinaryReader payload(*bytes);
  Baseline baseline;
  baseline.options.kind = payload.value<BaselineKind>();
  baseline.options.neighbours = payload.value<int64_t>();
  baseline.options.history = payload.value<int64_t>();
  baseline.counts = payload.array<int64_t>();
  baseline.offsets = payload.array<int64_t>();
  baseline.index = payload.array<int32_t>();
  baseline.weight = payload.array<double>();
  if (!payload.ok() || baseline.index.size() != baseline.weight.size())
    return store::damaged(path, "the counts do not fit the file's size");
  return baseline;
}

}  // namespace rexp::baseline
