#include "runtime/eval/guesses.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "runtime/base/assert.h"
#include "runtime/eval/binary_file.h"
#include "runtime/store/binary.h"

namespace rexp::eval {
namespace {

constexpr std::string_view kMagic = "REXPGUE1";

/// Answers are ranks within their user's list.
bool ranked(const Guesses& g) {
  for (int64_t user = 0; user < g.users(); ++user) {
    const int64_t size = g.offsets[user + 1] - g.offsets[user];
    for (int64_t e = g.offsets[user]; e < g.offsets[user + 1]; ++e) {
      if (g.answers[e] < 0 || g.answers[e] >= size) return false;
    }
  }
  return true;
}

bool consistent(const Guesses& g) {
  const size_t entries = g.items.size();
  const bool fits = !g.offsets.empty() && store::are_places(g.offsets, entries) &&
                    g.answers.size() == entries && g.scores.size() == entries && g.depth >= 0 &&
                    g.tokens.size() == entries * static_cast<size_t>(g.depth) &&
                    (g.target_ranks.empty() || g.target_ranks.size() + 1 == g.offsets.size());
  return fits && ranked(g) &&
         std::all_of(g.items.begin(), g.items.end(), [](int32_t item) { return item >= -1; }) &&
         std::all_of(g.target_ranks.begin(), g.target_ranks.end(),
                     [](int64_t rank) { return rank >= 0; });
}

}  // namespace

const char* to_string(Seen seen) { return seen == Seen::keep ? "keep" : "drop"; }

Result<Seen> parse_seen(std::string_view name) {
  if (name == "keep") return Seen::keep;
  if (name == "drop") return Seen::drop;
  return user_error("`" + std::string(name) + "` is no treatment of seen items",
                    "write keep or drop");
}

Guesses Guesses::empty(int32_t depth, Seen seen) {
  Guesses g;
  g.depth = depth;
  g.seen = seen;
  return g;
}

void Guesses::add(int32_t item, int32_t answer, double score, std::span<const int32_t> codes) {
  REXP_ASSERT(static_cast<int32_t>(codes.size()) == depth, "an answer of another depth");
  items.push_back(item);
  answers.push_back(answer);
  scores.push_back(score);
  tokens.insert(tokens.end(), codes.begin(), codes.end());
}

std::span<const int32_t> Guesses::items_of(int64_t user) const {
  return {items.data() + offsets[user], static_cast<size_t>(offsets[user + 1] - offsets[user])};
}

std::span<const int32_t> Guesses::tokens_of(int64_t entry) const {
  return {tokens.data() + entry * depth, static_cast<size_t>(depth)};
}

Status save(const std::vector<Guesses>& lists, const std::string& path) {
  ArrayWriter file;
  file.put(std::vector<int32_t>{static_cast<int32_t>(lists.size())});
  for (const Guesses& g : lists) {
    file.put(std::vector<int32_t>{static_cast<int32_t>(g.seen), g.depth});
    file.put(g.offsets), file.put(g.items), file.put(g.answers);
    file.put(g.scores), file.put(g.tokens), file.put(g.target_ranks);
  }
  return file.write(path, kMagic);
}

Result<std::vector<Guesses>> load_guesses(const std::string& path) {
  Result<ArrayReader> file = ArrayReader::open(path, kMagic);
  if (!file.ok()) return file.error();
  const std::vector<int32_t> count = file->take<int32_t>();
  std::vector<Guesses> lists;
  if (count.size() != 1) return file->broken();
  for (int32_t i = 0; i < count[0]; ++i) {
    const std::vector<int32_t> head = file->take<int32_t>();
    if (head.size() != 2 || head[0] < 0 || head[0] > 1) return file->broken();
    Guesses& g = lists.emplace_back();
    g.seen = static_cast<Seen>(head[0]);
    g.depth = head[1];
    g.offsets = file->take<int64_t>(), g.items = file->take<int32_t>(),
    g.answers = file->take<int32_t>();
    g.scores = file->take<double>(), g.tokens = file->take<int32_t>(),
    g.target_ranks = file->take<int64_t>();
    if (!file->good() || !consistent(g)) return file->broken();
  }
  if (!file->good()) return file->broken();
  return lists;
}

ScoredRanking rank_scores(std::span<const double> scores, int64_t k,
                          std::span<const int32_t> excluded, int32_t target) {
  const int64_t count = static_cast<int64_t>(scores.size());
  std::vector<uint8_t> out_of_it(count, 0);
  for (int32_t item : excluded)
    if (item >= 0 && item < count) out_of_it[item] = 1;
  const auto score = [&](int32_t item) {
    return std::isnan(scores[item]) ? -std::numeric_limits<double>::infinity() : scores[item];
  };
  const auto better = [&](int32_t a, int32_t b) {
    return score(a) != score(b) ? score(a) > score(b) : a < b;
  };

  ScoredRanking ranking;
  for (int32_t item = 0; item < count; ++item)
    if (!out_of_it[item]) ranking.items.push_back(item);
  if (target >= 0 && target < count && !out_of_it[target]) {
    ranking.target_rank = 1;
    for (int32_t item : ranking.items) {
      ranking.target_rank += item != target && better(item, target);
      ranking.tied += item != target && score(item) == score(target);
    }
  }
  const int64_t kept = std::min<int64_t>(k, static_cast<int64_t>(ranking.items.size()));
  std::partial_sort(ranking.items.begin(), ranking.items.begin() + kept, ranking.items.end(),
                    better);
  ranking.items.resize(kept);
  return ranking;
}

}  // namespace rexp::eval
