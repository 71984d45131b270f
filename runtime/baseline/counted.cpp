#include "runtime/baseline/counted.h"

#include <utility>

#include "runtime/store/binary.h"

namespace rexp::baseline {
namespace {

constexpr char kMagic[] = "REXPBASE";
constexpr uint32_t kVersion = 3;

std::string path_in(const std::string& folder) { return folder + "/baseline.bin"; }

Status save(const Counted& counted, const std::string& path) {
  store::BinaryWriter payload;
  payload.value(counted.history);
  payload.array(counted.counts);
  payload.array(counted.offsets);
  payload.array(counted.index);
  payload.array(counted.weight);
  payload.array(counted.factors);
  payload.array(counted.directions);
  return store::write_framed(path, kMagic, kVersion, payload.bytes());
}

/// What is read is there; rows have places in the index, the index names items.
bool sound(const Counted& counted, const Reads& reads) {
  const size_t items = counted.counts.size();
  const auto& offsets = counted.offsets;
  if (items == 0 || counted.history < 0 || counted.index.size() != counted.weight.size() ||
      counted.factors.size() != static_cast<size_t>(reads.factors) ||
      counted.directions.empty() == reads.directions || counted.directions.size() % items != 0 ||
      offsets.empty() == reads.rows)
    return false;
  return (offsets.empty() || offsets.size() == items + 1) &&
         store::are_places(offsets, counted.index.size()) &&
         store::are_indices(counted.index, static_cast<int64_t>(items));
}

Result<Counted> load(const std::string& path, const Reads& reads) {
  Result<std::string> bytes = store::read_framed(path, kMagic, kVersion);
  if (!bytes.ok()) return bytes.error();
  store::BinaryReader payload(*bytes);
  Counted counted;
  counted.history = payload.value<int64_t>();
  counted.counts = payload.array<int64_t>();
  counted.offsets = payload.array<int64_t>();
  counted.index = payload.array<int32_t>();
  counted.weight = payload.array<double>();
  counted.factors = payload.array<double>();
  counted.directions = payload.array<float>();
  if (!payload.ok() || !sound(counted, reads))
    return store::damaged(path, "the file's counts do not fit together");
  return counted;
}

class CountedScorer : public Scorer {
 public:
  CountedScorer(Counted counted, CountedScore score)
      : counted_(std::move(counted)), score_(score) {}
  int64_t items() const override { return static_cast<int64_t>(counted_.counts.size()); }

  std::vector<double> scores(std::span<const History> histories) const override {
    std::vector<double> all;
    for (const History& history : histories) {
      std::vector<double> row(counted_.counts.size());
      score_(counted_, history, &row);
      all.insert(all.end(), row.begin(), row.end());
    }
    return all;
  }

 private:
  Counted counted_;
  CountedScore score_;
};

}  // namespace

void Counted::push_row(const std::vector<Neighbour>& row) {
  for (const Neighbour& neighbour : row) {
    index.push_back(neighbour.item);
    weight.push_back(neighbour.weight);
  }
  offsets.push_back(static_cast<int64_t>(index.size()));
}

void Counted::add_row(int64_t item, double factor, std::vector<double>* scores) const {
  for (int64_t k = offsets[item]; k < offsets[item + 1]; ++k)
    (*scores)[index[k]] += factor * weight[k];
}

Status fit_counted_by(CountedFit fit, const nlohmann::json& args, FitInput& in,
                      const std::string& folder) {
  Counted counted;
  counted.counts = data::train_counts(in.dataset());
  REXP_TRY(fit(args, in, &counted));
  return save(counted, path_in(folder));
}

Result<std::unique_ptr<Scorer>> open_counted_by(CountedScore score, const Reads& reads,
                                                const std::string& folder) {
  Result<Counted> counted = load(path_in(folder), reads);
  if (!counted.ok()) return counted.error();
  return std::unique_ptr<Scorer>(std::make_unique<CountedScorer>(std::move(*counted), score));
}

}  // namespace rexp::baseline
