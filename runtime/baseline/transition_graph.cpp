// transition_graph {train, vectors, window, second, similarity}: a walk of one step from the last two items of the history, i1 the last:
//
//   score(j) = w(i1, j) + second * w(i2, j)      w(i, j) = log(1 + n(i, j)) + similarity * max(0, cos(v_i, v_j)), j not i
//   n(i, j)  = sum over pairs of train events of one user, i then j at most `window` apart, of 1 / their distance
//
// An item without a transition has its vector's neighbours, one that train has not met none.
#include <algorithm>
#include <cmath>
#include <map>

#include "runtime/base/fields.h"
#include "runtime/base/registry.h"
#include "runtime/baseline/counted.h"

namespace rexp::baseline {
namespace {

struct Options {
  int64_t vectors = 0, window = 10;
  double second = 0.8, similarity = 0.3;
};

Result<Options> read(const nlohmann::json& args) {
  Options options;
  Fields fields(args, "transition_graph");
  fields.input("vectors", &options.vectors);
  fields.count("window", &options.window, 1, "a whole number of at least 1");
  fields.number("second", &options.second, Fields::not_negative, "a number of at least 0");
  fields.number("similarity", &options.similarity, Fields::not_negative, "a number of at least 0");
  REXP_TRY(fields.status());
  return options;
}

void count_transitions(const data::Dataset& dataset, int64_t window, Counted* counted) {
  const std::vector<int64_t>& items = dataset.event_items();
  std::vector<std::map<int32_t, double>> following(static_cast<size_t>(dataset.item_count()));
  for (int64_t user = 0; user < dataset.user_count(); ++user) {
    for (int64_t e = dataset.user_offsets[user]; e < dataset.train_end(user); ++e) {
      const int64_t last = std::min(dataset.train_end(user) - 1, e + window);
      for (int64_t later = e + 1; later <= last; ++later)
        following[items[e]][static_cast<int32_t>(items[later])] +=
            1 / static_cast<double>(later - e);
    }
  }
  counted->offsets = {0};
  for (const auto& next : following) {
    std::vector<Counted::Neighbour> row;
    for (const auto& [item, count] : next) row.push_back({item, std::log1p(count)});
    counted->push_row(row);
  }
}

/// Vectors of length one; those of items that train has not met are 0.
void keep_directions(const codebook::Vectors& vectors, Counted* counted) {
  counted->directions = vectors.values;
  const int32_t size = vectors.size;
  for (int64_t item = 0; item < vectors.rows; ++item) {
    float* row = counted->directions.data() + item * size;
    double square = 0;
    for (int32_t d = 0; d < size; ++d) square += static_cast<double>(row[d]) * row[d];
    const bool known = counted->counts[item] > 0 && square > 0;
    const auto scale = static_cast<float>(known ? 1 / std::sqrt(square) : 0);
    for (int32_t d = 0; d < size; ++d) row[d] *= scale;
  }
}

Status fit(const nlohmann::json& args, FitInput& in, Counted* counted) {
  auto options = read(args);
  if (!options.ok()) return options.error();
  auto vectors = in.vectors(options->vectors);
  if (!vectors.ok()) return vectors.error();
  if (vectors->rows != in.dataset().item_count()) {
    return user_error("`transition_graph` was given vectors of " + std::to_string(vectors->rows) +
                          " items, its dataset has " + std::to_string(in.dataset().item_count()),
                      "learn the vectors from the same dataset");
  }
  counted->factors = {options->second, options->similarity};
  count_transitions(in.dataset(), options->window, counted);
  keep_directions(*vectors, counted);
  return {};
}

void add_similar(const Counted& counted, int64_t item, double factor, std::vector<double>* scores) {
  const size_t items = scores->size(), size = counted.directions.size() / items;
  const float* own = counted.directions.data() + static_cast<size_t>(item) * size;
  for (size_t other = 0; other < items; ++other) {
    const float* row = counted.directions.data() + other * size;
    float product = 0;
    for (size_t d = 0; d < size; ++d) product += own[d] * row[d];
    if (product > 0 && other != static_cast<size_t>(item)) (*scores)[other] += factor * product;
  }
}

void score(const Counted& counted, std::span<const int32_t> history, std::vector<double>* scores) {
  const double second = counted.factors[0], similarity = counted.factors[1];
  double factor = 1;
  for (size_t age = 1; age <= std::min<size_t>(history.size(), 2); ++age) {
    const int64_t item = history[history.size() - age];
    counted.add_row(item, factor, scores);
    add_similar(counted, item, factor * similarity, scores);
    factor = second;
  }
}

REXP_REGISTER(Recommender, transition_graph, fit_counted<fit>,
              open_counted<score, Reads{.rows = true, .directions = true, .factors = 2}>)

}  // namespace
}  // namespace rexp::baseline
