// The pre-tokenizer: cuts a text into the pieces that BPE merges within. Hand-written scanners for the three rules in use.
//
//   Splitter pieces("It's 42.\n", {});
//   for (std::string_view p; pieces.next(&p);) …     // "It" "'s" " " "4" "2" ".\n"
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace rexp::text {

/// qwen2: (?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+
/// llama3: the same with \p{N}{1,3}
/// gpt2: 's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+
enum class SplitPattern : uint8_t { qwen2, llama3, gpt2 };

struct SplitRule {
  SplitPattern pattern = SplitPattern::qwen2;
  bool digits_apart =
      false;  // every \p{N} is cut out before the pattern is applied to what lies between
};

/// Iterates over the pieces of `text`; together they are the whole text. Invalid bytes count as symbols.
class Splitter {
 public:
  Splitter(std::string_view text, SplitRule rule);
  /// The next piece, false at the end.
  bool next(std::string_view* piece);

 private:
  std::string_view text_;
  SplitRule rule_;
  size_t at_ = 0;
  size_t end_ = 0;  // end of the stretch the pattern may look at
};

}  // namespace rexp::text
