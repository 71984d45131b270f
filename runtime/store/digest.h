// xxh128: names for contents. Not a cryptographic hash: it tells versions apart, it does not keep
// an attacker out.
//
//   digest("abc")              -> 32 hex digits
//   digest_file("ml-100k.inter")
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/result.h"

namespace rexp::store {

/// xxh128 of bytes that come in pieces.
class Digester {
 public:
  Digester();
  ~Digester();
  Digester(const Digester&) = delete;
  Digester& operator=(const Digester&) = delete;
  void add(std::string_view bytes);
  /// A text with its length before it, so that ("ab", "c") and ("a", "bc") differ.
  void add_text(std::string_view text);
  void add_int(int64_t value);
  /// 32 lower-case hex digits.
  std::string hex() const;

 private:
  void* state_;
};

std::string digest(std::string_view bytes);
Result<std::string> digest_file(const std::string& path);
/// Of the first `size` bytes, or of all where there are fewer.
Result<std::string> digest_beginning(const std::string& path, int64_t size);
/// nullopt where there are no bytes to be had: no such file, or a medium that cannot give them back.
Result<std::optional<std::string>> digest_where_sound(const std::string& path);
/// Names of the files below `folder`, relative to it, in order.
Result<std::vector<std::string>> files_below(const std::string& folder);
/// Over the relative names and contents of all files below `folder`, in the order of names.
Result<std::string> digest_folder(const std::string& folder);

}  // namespace rexp::store
