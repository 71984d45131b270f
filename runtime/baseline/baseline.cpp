#include "runtime/baseline/baseline.h"

#include <algorithm>

#include "runtime/base/registry.h"
#include "runtime/data/rows.h"
#include "runtime/store/binary.h"

namespace rexp::baseline {
namespace {

constexpr char kMagic[] = "REXPBASE";
constexpr uint32_t kVersion = 2;

/// A known kind with what it reads; rows have places in the index, the index names items.
bool sound(const Baseline& baseline) {
  Result<const Recommender*> recommender = Registry<Recommender>::named(baseline.is);
  if (!recommender.ok() || ((*recommender)->reads_rows && baseline.offsets.empty())) return false;
  const auto items = static_cast<int64_t>(baseline.counts.size());
  const auto& offsets = baseline.offsets;
  if (baseline.history < 0 || baseline.index.size() != baseline.weight.size()) return false;
  if (offsets.empty()) return baseline.index.empty();
  return static_cast<int64_t>(offsets.size()) == items + 1 && offsets.front() == 0 &&
         std::is_sorted(offsets.begin(), offsets.end()) &&
         offsets.back() == static_cast<int64_t>(baseline.index.size()) &&
         std::all_of(baseline.index.begin(), baseline.index.end(),
                     [&](int32_t item) { return item >= 0 && item < items; });
}

}  // namespace

void Baseline::push_row(const std::vector<Neighbour>& row) {
  for (const Neighbour& neighbour : row) {
    index.push_back(neighbour.item);
    weight.push_back(neighbour.weight);
  }
  offsets.push_back(static_cast<int64_t>(index.size()));
}

void Baseline::add_row(int64_t item, double factor, std::vector<double>* scores) const {
  for (int64_t k = offsets[item]; k < offsets[item + 1]; ++k)
    (*scores)[index[k]] += factor * weight[k];
}

Result<Baseline> fit(const nlohmann::json& args, const data::Dataset& dataset) {
  Result<const Recommender*> recommender = Registry<Recommender>::find(args);
  if (!recommender.ok()) return recommender.error();
  REXP_TRY(data::check_train(args));
  Baseline baseline;
  baseline.is = args["is"].get<std::string>();
  baseline.counts = data::train_counts(dataset);
  REXP_TRY((*recommender)->fit(args, dataset, &baseline));
  return baseline;
}

std::vector<double> score(const Baseline& baseline, std::span<const int64_t> history) {
  std::vector<double> scores(baseline.counts.size());
  Result<const Recommender*> recommender = Registry<Recommender>::named(baseline.is);
  REXP_ASSERT(recommender.ok(), "a loaded baseline is of a known kind");
  (*recommender)->score(baseline, history, &scores);
  return scores;
}

Status save(const Baseline& baseline, const std::string& path) {
  store::BinaryWriter payload;
  payload.text(baseline.is);
  payload.value(baseline.history);
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
  baseline.is = payload.text();
  baseline.history = payload.value<int64_t>();
  baseline.counts = payload.array<int64_t>();
  baseline.offsets = payload.array<int64_t>();
  baseline.index = payload.array<int32_t>();
  baseline.weight = payload.array<double>();
  if (!payload.ok() || !sound(baseline))
    return store::damaged(path, "the file's counts do not fit together");
  return baseline;
}

}  // namespace rexp::baseline
