// How often is which kind of guess made? Counts over the lists of a system, by a key and a class of each guess.
//
//   by = rank, into = classes unknown, cold, known    ->    at rank 1: 2 % unknown, 11 % cold, 87 % known
//
// Where several items share an answer, its first item speaks for it, so that every user has one guess at a rank.
#pragma once

#include <cstdint>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "runtime/base/result.h"
#include "runtime/eval/guesses.h"

namespace rexp::eval {

/// What is said of a guess: its rank from 1, and its item, -1 where the answer is none.
using OfGuess = std::function<Result<int64_t>(int64_t rank, int64_t item)>;

struct TallyRow {
  int64_t key = 0;
  std::vector<int64_t> counts;  // by class
  int64_t total() const;
};

struct Tally {
  Seen seen = Seen::keep;
  std::vector<TallyRow> rows;  // by ascending key
};

/// A negative key leaves a guess out. Error: a class outside of 0 .. classes - 1.
Result<Tally> tally(const Guesses& guesses, const OfGuess& by, const OfGuess& into,
                    int64_t classes);

/// {"classes": [..], "tallies": [{"seen", "rows": [{"key", "n", "counts": [..], "shares": [..]}]}]}
nlohmann::json to_json(const std::vector<Tally>& tallies, const std::vector<std::string>& classes);

}  // namespace rexp::eval
