#include "runtime/nodes/systems.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "runtime/baseline/recommender.h"

namespace rexp::nodes {
namespace {

using nlohmann::json;

class ScoredSystem : public System {
 public:
  ScoredSystem(std::unique_ptr<baseline::Scorer> scorer, const Questions& questions)
      : scorer_(std::move(scorer)), questions_(questions) {}
  std::vector<double> scores(size_t first, size_t count, eval::Seen /*seen*/) const override {
    return scorer_->scores(
        std::span<const baseline::History>(questions_.histories).subspan(first, count));
  }

 private:
  std::unique_ptr<baseline::Scorer> scorer_;
  const Questions& questions_;
};

/// A language model's lists: items that are not in a list have the score of its last one.
class ListedSystem : public System {
 public:
  ListedSystem(std::vector<eval::Guesses> lists, int64_t items)
      : lists_(std::move(lists)), items_(items) {}

  std::vector<double> scores(size_t first, size_t count, eval::Seen seen) const override {
    const auto list = std::find_if(lists_.begin(), lists_.end(),
                                   [&](const eval::Guesses& one) { return one.seen == seen; });
    std::vector<double> out;
    for (size_t row = first; row < first + count; ++row) add_row(*list, row, &out);
    return out;
  }
  bool heeds_seen() const override { return true; }

 private:
  void add_row(const eval::Guesses& list, size_t row, std::vector<double>* out) const {
    const int64_t begin = list.offsets[row], end = list.offsets[row + 1];
    const auto scores = std::span(list.scores).subspan(begin, end - begin);
    const double least = scores.empty() ? 0 : *std::min_element(scores.begin(), scores.end());
    const size_t at = out->size();
    out->resize(at + static_cast<size_t>(items_), least);
    for (int64_t entry = begin; entry < end; ++entry) {
      const int32_t item = list.items[entry];
      if (item >= 0) (*out)[at + item] = std::max((*out)[at + item], list.scores[entry]);
    }
  }

  std::vector<eval::Guesses> lists_;
  int64_t items_;
};

class Hybrid : public System {
 public:
  Hybrid(std::vector<std::unique_ptr<System>> systems, std::vector<double> weights, int64_t items)
      : systems_(std::move(systems)), weights_(std::move(weights)), items_(items) {}

  std::vector<double> scores(size_t first, size_t count, eval::Seen seen) const override {
    std::vector<double> sum(count * static_cast<size_t>(items_));
    for (size_t s = 0; s < systems_.size(); ++s) {
      std::vector<double> own = systems_[s]->scores(first, count, seen);
      for (size_t row = 0; row < count; ++row)
        standardise(std::span(own).subspan(row * items_, items_));
      for (size_t i = 0; i < sum.size(); ++i) sum[i] += weights_[s] * own[i];
    }
    return sum;
  }
  bool heeds_seen() const override {
    return std::any_of(systems_.begin(), systems_.end(),
                       [](const auto& system) { return system->heeds_seen(); });
  }

 private:
  std::vector<std::unique_ptr<System>> systems_;
  std::vector<double> weights_;
  int64_t items_;
};

Result<std::unique_ptr<System>> open_lists(NodeContext& context, int64_t input,
                                           const Asked& asked) {
  const std::string path = context.in(input, "guesses.bin");
  auto lists = eval::load_guesses(path);
  if (!lists) return lists.error();
  for (const eval::Seen seen : {eval::Seen::keep, eval::Seen::drop}) {
    const auto fits = [&](const eval::Guesses& list) {
      return list.seen == seen && list.users() == asked.rows.count;
    };
    if (!std::any_of(lists->begin(), lists->end(), fits))
      return internal_error(path + " does not answer the rows of the protocol");
  }
  return std::unique_ptr<System>(
      std::make_unique<ListedSystem>(std::move(*lists), asked.dataset->item_count()));
}

Result<std::unique_ptr<System>> open_input(NodeContext& context, int64_t input,
                                           const Asked& asked) {
  if (std::string_view(context.node().input_kinds[input]) == "decode")
    return open_lists(context, input, asked);
  auto scorer = baseline::open(context.in(input, ""), context.run().options.value("device", "cpu"));
  if (!scorer) return scorer.error();
  if ((*scorer)->items() != asked.dataset->item_count())
    return internal_error("a baseline ranks another catalogue than its rows ask of");
  return std::unique_ptr<System>(
      std::make_unique<ScoredSystem>(std::move(*scorer), asked.questions));
}

}  // namespace

void standardise(std::span<double> scores) {
  const auto count = static_cast<double>(scores.size());
  double mean = 0, square = 0;
  for (const double score : scores) mean += score / count;
  for (const double score : scores) square += (score - mean) * (score - mean) / count;
  const double scale = square > 0 ? 1 / std::sqrt(square) : 0;
  for (double& score : scores) score = (score - mean) * scale;
}

Result<std::unique_ptr<System>> open_system(NodeContext& context, const json& system,
                                            const Asked& asked) {
  if (system.contains("input")) return open_input(context, system["input"].get<int64_t>(), asked);
  std::vector<std::unique_ptr<System>> systems;
  for (const json& member : system.at("of")) {
    auto opened = open_system(context, member, asked);
    if (!opened) return opened.error();
    systems.push_back(std::move(*opened));
  }
  std::vector<double> weights(systems.size(), 1);
  if (system.contains("weights") && !system["weights"].is_null())
    weights = system["weights"].get<std::vector<double>>();
  if (weights.size() != systems.size()) return internal_error("a hybrid lacks weights");
  return std::unique_ptr<System>(std::make_unique<Hybrid>(std::move(systems), std::move(weights),
                                                          asked.dataset->item_count()));
}

}  // namespace rexp::nodes
