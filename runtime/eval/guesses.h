// What a system answered: one ranked list per user, for one treatment of the items the user has
// already seen.
//
//   Guesses g = Guesses::empty(3);    // semantic ids of three codes; 0: the system has none
//   g.add(/*item=*/17, /*answer=*/0, /*score=*/-2.5, {4, 70, 187});
//   g.end_user();
//
// Saved as guesses.bin (little endian; magic number with a version, checksum), so that later
// tallies need no model.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "runtime/base/result.h"

namespace rexp::eval {

enum class Seen : uint8_t {
  keep,
  drop
};  // are the items of the user's own history left in the lists

const char* to_string(Seen seen);
Result<Seen> parse_seen(std::string_view name);

struct Guesses {
  Seen seen = Seen::keep;
  int32_t depth = 0;                // codes per answer; 0: the system knows no semantic ids
  std::vector<int64_t> offsets{0};  // entries of user u are [offsets[u], offsets[u + 1])
  std::vector<int32_t> items;       // best first; -1: the answer is no item of the catalogue
  std::vector<int32_t> answers;     // rank of the answer behind the entry; its items share it
  std::vector<double> scores;       // summed log-probability, or a baseline's score
  std::vector<int32_t> tokens;      // [entries, depth]; in guesses.bin numbered as the codebook's
  /// Optional: the target's rank in the full ranking (0: absent), where lists hold only its head.
  /// They must be at least as long as the deepest metric with levels.
  std::vector<int64_t> target_ranks;

  static Guesses empty(int32_t depth, Seen seen = Seen::keep);
  void add(int32_t item, int32_t answer, double score, std::span<const int32_t> codes = {});
  void end_user() { offsets.push_back(static_cast<int64_t>(items.size())); }

  int64_t users() const { return static_cast<int64_t>(offsets.size()) - 1; }
  std::span<const int32_t> items_of(int64_t user) const;
  std::span<const int32_t> tokens_of(int64_t entry) const;
  bool operator==(const Guesses&) const = default;
};

Status save(const std::vector<Guesses>& lists, const std::string& path);
Result<std::vector<Guesses>> load_guesses(const std::string& path);

/// Where the target stands among all items, and the head of the list.
struct ScoredRanking {
  std::vector<int32_t> items;  // at most `k`, by descending score, ties by lower index
  int64_t target_rank = 0;     // from 1; 0 when the target itself is excluded
  int64_t tied = 0;            // other items with exactly the target's score
};

/// Ranks a full vector of scores without the items of `excluded`. A score that is not a number
/// ranks last.
ScoredRanking rank_scores(std::span<const double> scores, int64_t k,
                          std::span<const int32_t> excluded, int32_t target);

}  // namespace rexp::eval
