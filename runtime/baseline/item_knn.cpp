// item_knn {train, neighbours, history}: score(j) = sum over the `history` newest events, i of age 1, 2, .., of s(i, j) / age;
// s(i, j) = |U_i and U_j| / sqrt(|U_i| |U_j|), U_i the users with i in train, s(i, i) = 0 (cosine of implicit feedback, Sarwar
// et al. 2001; the weights favour recent items). `neighbours`: kept per item, 0 for all.
#include <algorithm>
#include <cmath>

#include "runtime/base/fields.h"
#include "runtime/base/registry.h"
#include "runtime/baseline/counted.h"

namespace rexp::baseline {
namespace {

using Neighbour = Counted::Neighbour;

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

void find_neighbours(const data::Dataset& dataset, int64_t most, Counted* counted) {
  counted->offsets = {0};
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
    if (most > 0 && static_cast<int64_t>(row.size()) > most) {
      std::stable_sort(row.begin(), row.end(),
                       [](const Neighbour& a, const Neighbour& b) { return a.weight > b.weight; });
      row.resize(static_cast<size_t>(most));
    }
    counted->push_row(row);
  }
}

Status fit(const nlohmann::json& args, FitInput& in, Counted* counted) {
  int64_t neighbours = 0;
  counted->history = 20;
  Fields fields(args, "item_knn");
  fields.count("neighbours", &neighbours, 0, "a whole number, 0 for all");
  fields.count("history", &counted->history, 0, "a whole number, 0 for all");
  REXP_TRY(fields.status());
  find_neighbours(in.dataset(), neighbours, counted);
  return {};
}

void score(const Counted& counted, std::span<const int32_t> history, std::vector<double>* scores) {
  const size_t most =
      counted.history == 0 ? history.size() : std::min<size_t>(history.size(), counted.history);
  for (size_t age = 1; age <= most; ++age)
    counted.add_row(history[history.size() - age], 1.0 / static_cast<double>(age), scores);
}

REXP_REGISTER(Recommender, item_knn, fit_counted<fit>, open_counted<score, Reads{.rows = true}>)

}  // namespace
}  // namespace rexp::baseline
