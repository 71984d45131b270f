// Tokens of texts that come again: a film's title stands in thousands of rows, between the same quotation marks.
//
//   看过《 Toy Story (1995) 》、《 Heat (1995) 》      parts as they were printed
//   看过《Toy| Story (1995|)》、《Heat| (1995|)》       what is looked up: the inside of a part, and what lies between two insides
//
// Texts are cut only where cutting changes no token (runtime/text/cuts.h), so the ids are those of the whole text. Whether the
// neighbours of a title belong to its first or last piece is thereby part of what is looked up.
#pragma once

#include <cstdint>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "runtime/text/tokenizer.h"

namespace rexp::abi {

class TextCache {
 public:
  /// `tokenizer` outlives the cache. `most_bytes`: when it holds more, it starts anew.
  explicit TextCache(const text::Tokenizer& tokenizer, size_t most_bytes = size_t{16} << 20)
      : tokenizer_(tokenizer), most_bytes_(most_bytes) {}

  /// Appends the ids of `text`, which was printed in parts that end at `ends`. Thread-safe.
  void encode(std::string_view text, std::span<const int64_t> ends, std::vector<int32_t>* out);

 private:
  /// The inside of a part, from its first cut to its last.
  struct Inside {
    size_t first = 0, last = 0;
    std::vector<int32_t> ids;
  };
  struct Hash {
    using is_transparent = void;
    size_t operator()(std::string_view text) const;
  };
  template <class T>
  using Map = std::unordered_map<std::string, T, Hash, std::equal_to<>>;

  const Inside& inside(std::string_view part);
  void encode_between(std::string_view text, std::vector<int32_t>* out);
  void account(size_t text, size_t ids);

  const text::Tokenizer& tokenizer_;
  const size_t most_bytes_;
  std::mutex mutex_;
  size_t bytes_ = 0;
  Map<Inside> insides_;
  Map<std::vector<int32_t>> between_;
};

}  // namespace rexp::abi
