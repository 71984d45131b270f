// markov {train}: score(j) = train steps from the last item of the history to j + 1e-6 * train events of j
#include <algorithm>

#include "runtime/base/registry.h"
#include "runtime/baseline/counted.h"

namespace rexp::baseline {
namespace {

constexpr double kPopularityBackOff = 1e-6;

Status fit(const nlohmann::json& /*args*/, FitInput& in, Counted* counted) {
  counted->offsets = {0};
  const data::Dataset& dataset = in.dataset();
  const std::vector<int64_t>& items = dataset.event_items();
  std::vector<std::vector<int32_t>> following(static_cast<size_t>(dataset.item_count()));
  for (int64_t user = 0; user < dataset.user_count(); ++user) {
    for (int64_t e = dataset.user_offsets[user] + 1; e < dataset.train_end(user); ++e)
      following[items[e - 1]].push_back(static_cast<int32_t>(items[e]));
  }
  for (std::vector<int32_t>& next : following) {
    std::sort(next.begin(), next.end());
    std::vector<Counted::Neighbour> row;
    for (int32_t item : next) {
      if (row.empty() || row.back().item != item) row.push_back({item, 0});
      ++row.back().weight;
    }
    counted->push_row(row);
  }
  return {};
}

void score(const Counted& counted, std::span<const int32_t> history, std::vector<double>* scores) {
  for (size_t item = 0; item < scores->size(); ++item)
    (*scores)[item] = kPopularityBackOff * static_cast<double>(counted.counts[item]);
  if (!history.empty()) counted.add_row(history.back(), 1, scores);
}

REXP_REGISTER(Recommender, markov, fit_counted<fit>, open_counted<score, Reads{.rows = true}>)

}  // namespace
}  // namespace rexp::baseline
