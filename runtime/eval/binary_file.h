// Files of plain arrays: magic number, checksum, then arrays with their lengths. A file that was
// cut or altered does not load.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/result.h"

namespace rexp::eval {

/// `magic`: eight characters that name kind and version.
Status write_checked(const std::string& path, std::string_view magic, std::string_view body);

class ArrayWriter {
 public:
  template <class T>
  void put(const std::vector<T>& values) {
    static_assert(std::is_trivially_copyable_v<T>);
    const uint64_t count = values.size();
    body_.append(reinterpret_cast<const char*>(&count), sizeof count);
    body_.append(reinterpret_cast<const char*>(values.data()), count * sizeof(T));
  }
  void put(std::string_view text) { put(std::vector<char>(text.begin(), text.end())); }
  Status write(const std::string& path, std::string_view magic) const {
    return write_checked(path, magic, body_);
  }
  const std::string& body() const { return body_; }

 private:
  std::string body_;
};

class ArrayReader {
 public:
  static Result<ArrayReader> open(const std::string& path, std::string_view magic);
  /// The next array; empty once anything did not fit (then good() is false).
  template <class T>
  std::vector<T> take() {
    uint64_t count = 0;
    if (!good_ || rest().size() < sizeof count) return fail<T>();
    std::memcpy(&count, rest().data(), sizeof count);
    at_ += sizeof count;
    if (count > rest().size() / sizeof(T)) return fail<T>();
    std::vector<T> values(count);
    if (count > 0) std::memcpy(values.data(), rest().data(), count * sizeof(T));
    at_ += count * sizeof(T);
    return values;
  }
  std::string take_text() {
    const std::vector<char> text = take<char>();
    return {text.begin(), text.end()};
  }
  bool good() const { return good_; }
  /// The error for a file whose arrays do not fit together.
  Error broken() const;

 private:
  template <class T>
  std::vector<T> fail() {
    good_ = false;
    return {};
  }
  std::string_view rest() const { return std::string_view(bytes_).substr(at_); }

  std::string path_, bytes_;
  size_t at_ = 0;
  bool good_ = true;
};

}  // namespace rexp::eval
