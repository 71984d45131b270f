#include "runtime/eval/tally.h"

#include <map>
#include <numeric>

#include "runtime/base/json.h"

namespace rexp::eval {

int64_t TallyRow::total() const {
  return std::accumulate(counts.begin(), counts.end(), int64_t{0});
}

Result<Tally> tally(const Guesses& guesses, const OfGuess& by, const OfGuess& into,
                    int64_t classes) {
  std::map<int64_t, TallyRow> rows;
  for (int64_t user = 0; user < guesses.users(); ++user) {
    int32_t last = -1;
    for (int64_t e = guesses.offsets[user]; e < guesses.offsets[user + 1]; ++e) {
      const int32_t answer = guesses.answers[e];
      if (answer == last) continue;
      last = answer;
      Result<int64_t> key = by(answer + 1, guesses.items[e]);
      if (!key.ok()) return key.error();
      if (*key < 0) continue;
      Result<int64_t> place = into(answer + 1, guesses.items[e]);
      if (!place.ok()) return place.error();
      if (*place < 0 || *place >= classes)
        return internal_error("a guess is of class " + std::to_string(*place) + ", there are " +
                              std::to_string(classes));
      TallyRow& row = rows[*key];
      row.key = *key;
      row.counts.resize(static_cast<size_t>(classes));
      ++row.counts[*place];
    }
  }
  Tally out;
  out.seen = guesses.seen;
  for (auto& [key, row] : rows) out.rows.push_back(std::move(row));
  return out;
}

nlohmann::json to_json(const std::vector<Tally>& tallies, const std::vector<std::string>& classes) {
  nlohmann::json out = {{"classes", classes}, {"tallies", nlohmann::json::array()}};
  for (const Tally& tally : tallies) {
    nlohmann::json rows = nlohmann::json::array();
    for (const TallyRow& row : tally.rows) {
      std::vector<double> shares;
      for (const int64_t count : row.counts)
        shares.push_back(static_cast<double>(count) / static_cast<double>(row.total()));
      rows.push_back(
          {{"key", row.key}, {"n", row.total()}, {"counts", row.counts}, {"shares", shares}});
    }
    out["tallies"].push_back({{"seen", to_string(tally.seen)}, {"rows", std::move(rows)}});
  }
  return out;
}

}  // namespace rexp::eval
