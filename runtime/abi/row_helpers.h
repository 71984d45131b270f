// What a row function may call, and the owner of what it writes.
//
//   SinkBuffer sink;
//   for (int64_t i = 0; i < rows.count; ++i) {
//     sink.clear();
//     if (int32_t status = fn(&context, rows.row(i), stream(example, i), sink.get())) return status;
//     use(sink.ids(), sink.trained(), sink.levels());
//   }
//
// Compiled code and the interpreter call the same functions, so everything whose last bit could differ between two
// implementations (formatting of numbers, libm, random draws, order of ties) exists once, here.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "runtime/abi/abi.h"

/// A value of a row function as helpers see it: an integer, index or boolean (a), the bits of a double (a), a text (a = address,
/// b = bytes), or a semantic id (a = item, b = codebook).
struct RexpPair {
  int64_t a;
  int64_t b;
};

/// A materialised list; `data` lies in the sink's arena. All zero is the empty list.
struct RexpList {
  RexpPair* data;
  int64_t size;
  int64_t capacity;
};

extern "C" {
#define REXP_HELPER(result, name, parameters) result name parameters noexcept;
#include "runtime/abi/row_helpers.def"
#undef REXP_HELPER
}

namespace rexp::abi {

/// Owns the memory behind a RexpSink. Not shared between threads: one per worker.
class SinkBuffer {
 public:
  SinkBuffer();
  ~SinkBuffer();
  SinkBuffer(const SinkBuffer&) = delete;
  SinkBuffer& operator=(const SinkBuffer&) = delete;

  /// Empties everything and keeps the memory. Texts and lists of earlier rows are gone.
  void clear();
  RexpSink* get() { return &sink_; }

  std::span<const int32_t> ids() const { return {sink_.ids, static_cast<size_t>(sink_.size)}; }
  std::span<const uint8_t> trained() const {
    return {sink_.trained, static_cast<size_t>(sink_.size)};
  }
  std::span<const uint8_t> levels() const {
    return {sink_.levels, static_cast<size_t>(sink_.size)};
  }
  /// The pending text: the result of a text function.
  std::string_view text() const { return {sink_.text, static_cast<size_t>(sink_.text_size)}; }
  /// The result of a predicate (0 or 1).
  int64_t value() const { return sink_.value; }
  /// The result of a real function.
  double real() const;

 private:
  RexpSink sink_{};
};

/// A mixture kernel's answer: which task, and which of its rows. Packed into RexpSink::value.
struct Draw {
  int64_t task = 0;
  int64_t row = 0;
  bool operator==(const Draw&) const = default;
};
inline constexpr int kDrawTaskShift = 48;
constexpr int64_t pack(Draw draw) { return (draw.task << kDrawTaskShift) | draw.row; }
constexpr Draw unpack_draw(int64_t value) {
  return {value >> kDrawTaskShift, value & ((int64_t{1} << kDrawTaskShift) - 1)};
}

}  // namespace rexp::abi
