// Random functions in rexp's own words, well typed by construction: what a metric, a condition on a trie or a tally is written as.
// Row functions of them come out of the whole front half of the compiler, so enums, optional values, records, constants and named
// functions are met as users meet them.
//
//   Source source(seed, {{"rank", SourceType::integer}});
//   source.text(SourceType::real, 4)      "if rank > 2 then 1.0 / or_else(half(rank), 3) else cos(0.5 * rank)"
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace rexp::testing {

enum class SourceType : uint8_t { boolean, integer, real, text, texts, mood, maybe, record };

/// Declarations that the expressions use.
extern const char* const kSourcePrelude;

class Source {
 public:
  /// `atoms`: what can be read here. `draws`: there is an example to draw for.
  Source(uint64_t seed, std::vector<std::pair<std::string, SourceType>> atoms, bool draws = true)
      : seed_(seed), draws_(draws), atoms_(std::move(atoms)) {}

  /// An expression of this type, at most so deep.
  std::string text(SourceType type, int depth);

 private:
  uint64_t pick(uint64_t n);
  std::string one_of(std::vector<std::string> choices);
  std::string leaf(SourceType type);
  std::string boolean(int depth);
  std::string integer(int depth);
  std::string real(int depth);
  std::string words(int depth);
  std::string texts(int depth);
  std::string mood(int depth);
  std::string maybe(int depth);
  std::string record(int depth);
  /// A lambda over a text whose body has this type.
  std::string each(SourceType body, int depth);

  uint64_t seed_;
  uint64_t use_ = 0;
  int lambdas_ = 0;
  bool draws_;
  std::vector<std::pair<std::string, SourceType>> atoms_;
};

}  // namespace rexp::testing
