// The frame of rexp's own binary files: a magic number of eight letters, a version (uint32), the
// payload's size (uint64), the payload's xxh128 (32 hex digits), the payload. Little endian.
//
//   BinaryWriter out;
//   out.value<int64_t>(3);
//   out.array(values);
//   REXP_TRY(write_framed(path, "REXPROWS", 1, out.bytes()));
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/result.h"

namespace rexp::store {

static_assert(std::endian::native == std::endian::little, "the binary forms are little endian");

class BinaryWriter {
 public:
  template <class T>
  void value(T v) {
    bytes_.append(reinterpret_cast<const char*>(&v), sizeof v);
  }
  template <class T>
  void array(const std::vector<T>& values) {
    value<uint64_t>(values.size());
    bytes_.append(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T));
  }
  void text(std::string_view v) {
    value<uint64_t>(v.size());
    bytes_ += v;
  }
  const std::string& bytes() const { return bytes_; }

 private:
  std::string bytes_;
};

/// Reads what BinaryWriter wrote, in the same order. Reading past the end gives zeros and clears
/// ok().
class BinaryReader {
 public:
  explicit BinaryReader(std::string_view bytes) : bytes_(bytes) {}
  template <class T>
  T value() {
    T v{};
    const std::string_view raw = take(sizeof v);
    if (!raw.empty()) std::memcpy(&v, raw.data(), sizeof v);
    return v;
  }
  template <class T>
  std::vector<T> array() {
    const uint64_t count = value<uint64_t>();
    if (count > bytes_.size() / sizeof(T)) ok_ = false;
    if (!ok_) return {};
    std::vector<T> values(count);
    const std::string_view raw = take(count * sizeof(T));
    if (count > 0) std::memcpy(values.data(), raw.data(), raw.size());
    return values;
  }
  std::string text() { return std::string(take(value<uint64_t>())); }
  bool ok() const { return ok_; }

 private:
  std::string_view take(uint64_t size) {
    if (size > bytes_.size()) ok_ = false;
    if (!ok_) return {};
    const std::string_view taken = bytes_.substr(0, size);
    bytes_.remove_prefix(size);
    return taken;
  }
  std::string_view bytes_;
  bool ok_ = true;
};

/// Places in something of `size` values: none, or from 0 upwards to its end.
inline bool are_places(const std::vector<int64_t>& offsets, size_t size) {
  if (offsets.empty()) return size == 0;
  return offsets.front() == 0 && std::is_sorted(offsets.begin(), offsets.end()) &&
         offsets.back() == static_cast<int64_t>(size);
}

/// Whether each value is one of 0..size-1.
template <class T>
bool are_indices(const std::vector<T>& values, int64_t size) {
  return std::all_of(values.begin(), values.end(),
                     [&](T value) { return value >= 0 && value < size; });
}

Status write_framed(const std::string& path, std::string_view magic, uint32_t version,
                    std::string_view payload);

/// The payload. Errors, all of the user: unreadable, another magic number or version, cut short, a
/// checksum that does not fit.
Result<std::string> read_framed(const std::string& path, std::string_view magic, uint32_t version);

/// The error of an artifact that is not what it should be, with the way out.
Error damaged(const std::string& path, const std::string& what);

}  // namespace rexp::store
