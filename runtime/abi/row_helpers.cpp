#include "runtime/abi/row_helpers.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "runtime/abi/text_cache.h"
#include "runtime/base/assert.h"
#include "runtime/base/random.h"
#include "runtime/text/tokenizer.h"

namespace rexp::abi {
namespace {

/// Memory of one row. Chunks are kept over rows; a row that fits the first chunk allocates nothing.
class Arena {
 public:
  void* allocate(int64_t bytes) {
    const size_t size = (static_cast<size_t>(bytes) + 15) & ~size_t{15};
    while (chunk_ < chunks_.size() && used_ + size > chunks_[chunk_].size) {
      ++chunk_;
      used_ = 0;
    }
    if (chunk_ == chunks_.size()) {
      const size_t room = std::max(size, kChunk);
      chunks_.push_back({std::make_unique<std::byte[]>(room), room});
      used_ = 0;
    }
    void* result = chunks_[chunk_].bytes.get() + used_;
    used_ += size;
    return result;
  }
  void clear() {
    chunk_ = 0;
    used_ = 0;
    ends.clear();
  }
  std::vector<int64_t> ends;    // of the parts that the pending text was printed in
  std::vector<int32_t> tokens;  // flush's scratch

 private:
  static constexpr size_t kChunk = size_t{1} << 16;
  struct Chunk {
    std::unique_ptr<std::byte[]> bytes;
    size_t size;
  };
  std::vector<Chunk> chunks_;
  size_t chunk_ = 0;
  size_t used_ = 0;
};

Arena& arena_of(RexpSink* sink) { return *static_cast<Arena*>(sink->arena); }

template <class T>
void resize(T*& data, int64_t count) {
  void* grown = std::realloc(data, static_cast<size_t>(count) * sizeof(T));
  if (grown == nullptr) throw std::bad_alloc();
  data = static_cast<T*>(grown);
}

void reserve(RexpSink* sink, int64_t more) {
  if (sink->size + more <= sink->capacity) return;
  const int64_t capacity = std::max<int64_t>({256, 2 * sink->capacity, sink->size + more});
  resize(sink->ids, capacity);
  resize(sink->trained, capacity);
  resize(sink->levels, capacity);
  sink->capacity = capacity;
}

void append_ids(RexpSink* sink, const int32_t* ids, int64_t count, uint8_t trained) {
  if (count == 0) return;
  reserve(sink, count);
  const auto n = static_cast<size_t>(count);
  std::memcpy(sink->ids + sink->size, ids, n * sizeof(int32_t));
  std::memset(sink->trained + sink->size, trained, n);
  std::memset(sink->levels + sink->size, 0, n);
  sink->size += count;
}

template <class T>
void append_number(RexpSink* sink, T value) {
  char digits[40];
  const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
  rexp_rk_text(sink, digits, end - digits);
}

std::string_view view(const RexpPair& text) {
  return {std::bit_cast<const char*>(text.a), static_cast<size_t>(text.b)};
}

/// Elements are equal where `key` says so; ties go to the one seen first.
template <class Key>
void most_common(RexpSink* sink, const RexpList& all, int64_t n, RexpList* out, Key key) {
  struct Count {
    RexpPair element;
    int64_t times;
  };
  std::vector<Count> counts;  // in the order of first appearance
  std::unordered_map<decltype(key(RexpPair{})), size_t> places;
  for (int64_t i = 0; i < all.size; ++i) {
    const auto [place, fresh] = places.try_emplace(key(all.data[i]), counts.size());
    if (fresh) counts.push_back({all.data[i], 0});
    ++counts[place->second].times;
  }
  std::stable_sort(counts.begin(), counts.end(),
                   [](const Count& a, const Count& b) { return a.times > b.times; });
  *out = {};
  const auto wanted = std::min<size_t>(counts.size(), static_cast<size_t>(std::max<int64_t>(n, 0)));
  for (size_t i = 0; i < wanted; ++i)
    rexp_rk_list_push(sink, out, counts[i].element.a, counts[i].element.b);
}

}  // namespace

SinkBuffer::SinkBuffer() { sink_.arena = new Arena; }

SinkBuffer::~SinkBuffer() {
  std::free(sink_.ids);
  std::free(sink_.trained);
  std::free(sink_.levels);
  std::free(sink_.text);
  delete &arena_of(&sink_);
}

void SinkBuffer::clear() {
  sink_.size = 0;
  sink_.text_size = 0;
  sink_.value = 0;
  arena_of(&sink_).clear();
}

double SinkBuffer::real() const { return std::bit_cast<double>(sink_.value); }

}  // namespace rexp::abi

using namespace rexp::abi;

extern "C" {

void rexp_rk_reserve(RexpSink* sink, int64_t more) noexcept { reserve(sink, more); }

void rexp_rk_emit(RexpSink* sink, int32_t id, uint8_t trained, uint8_t level) noexcept {
  reserve(sink, 1);
  sink->ids[sink->size] = id;
  sink->trained[sink->size] = trained;
  sink->levels[sink->size] = level;
  ++sink->size;
}

void rexp_rk_emit_ids(RexpSink* sink, const int32_t* ids, int64_t count, uint8_t trained) noexcept {
  append_ids(sink, ids, count, trained);
}

void rexp_rk_emit_sid(RexpSink* sink, const RexpSidTable* table, int64_t item,
                      uint8_t trained) noexcept {
  REXP_ASSERT(item >= 0 && item < table->items, "an item outside the codebook is printed");
  const int64_t at = sink->size;
  append_ids(sink, table->ids + item * table->width, table->width, trained);
  std::memcpy(sink->levels + at, table->levels, static_cast<size_t>(table->width));
}

void rexp_rk_emit_open(RexpSink* sink, const RexpSidTable* table, uint8_t trained) noexcept {
  if (table->items == 0) return;
  int32_t marks = 0;
  while (marks < table->width && table->levels[marks] == 0) ++marks;
  append_ids(sink, table->ids, marks, trained);
}

void rexp_rk_text(RexpSink* sink, const char* data, int64_t size) noexcept {
  if (size == 0) return;
  if (sink->text_size + size > sink->text_capacity) {
    sink->text_capacity =
        std::max<int64_t>({1024, 2 * sink->text_capacity, sink->text_size + size});
    resize(sink->text, sink->text_capacity);
  }
  std::memcpy(sink->text + sink->text_size, data, static_cast<size_t>(size));
  sink->text_size += size;
  arena_of(sink).ends.push_back(sink->text_size);
}

void rexp_rk_text_int(RexpSink* sink, int64_t value) noexcept { append_number(sink, value); }

void rexp_rk_text_float(RexpSink* sink, double value) noexcept {
  if (std::isnan(value)) return rexp_rk_text(sink, "nan", 3);  // its sign is nobody's choice
  append_number(sink, value);
}

void rexp_rk_flush(const RexpRowContext* context, RexpSink* sink, uint8_t trained) noexcept {
  if (sink->text_size == 0) return;
  REXP_ASSERT(context->tokenizer != nullptr,
              "a row function that prints text was given no tokenizer");
  Arena& arena = arena_of(sink);
  arena.tokens.clear();
  const std::string_view text{sink->text, static_cast<size_t>(sink->text_size)};
  if (context->texts != nullptr) {
    static_cast<TextCache*>(context->texts)->encode(text, arena.ends, &arena.tokens);
  } else {
    static_cast<const rexp::text::Tokenizer*>(context->tokenizer)
        ->encode(text, rexp::text::Specials::deny, &arena.tokens);
  }
  append_ids(sink, arena.tokens.data(), static_cast<int64_t>(arena.tokens.size()), trained);
  sink->text_size = 0;
  arena.ends.clear();
}

int64_t rexp_rk_text_mark(RexpSink* sink) noexcept { return sink->text_size; }

void rexp_rk_text_take(RexpSink* sink, int64_t mark, RexpText* out) noexcept {
  out->size = sink->text_size - mark;
  char* copy = static_cast<char*>(rexp_rk_alloc(sink, out->size));
  if (out->size > 0) std::memcpy(copy, sink->text + mark, static_cast<size_t>(out->size));
  out->data = copy;
  sink->text_size = mark;
  std::vector<int64_t>& ends = arena_of(sink).ends;
  while (!ends.empty() && ends.back() > mark) ends.pop_back();
}

int32_t rexp_rk_text_compare(const RexpText* a, const RexpText* b) noexcept {
  const int order = std::string_view(a->data, static_cast<size_t>(a->size))
                        .compare({b->data, static_cast<size_t>(b->size)});
  return (order > 0) - (order < 0);
}

int64_t rexp_rk_text_length(const RexpText* text) noexcept {
  return std::count_if(text->data, text->data + text->size,
                       [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; });
}

void rexp_rk_list_push(RexpSink* sink, RexpList* list, int64_t a, int64_t b) noexcept {
  if (list->size == list->capacity) {
    list->capacity = std::max<int64_t>(8, 2 * list->capacity);
    auto* grown = static_cast<RexpPair*>(
        rexp_rk_alloc(sink, list->capacity * static_cast<int64_t>(sizeof(RexpPair))));
    std::copy_n(list->data, list->size, grown);
    list->data = grown;
  }
  list->data[list->size++] = {a, b};
}

void rexp_rk_most_common(RexpSink* sink, const RexpList* texts, int64_t n, RexpList* out) noexcept {
  most_common(sink, *texts, n, out, view);
}

void rexp_rk_most_common_numbers(RexpSink* sink, const RexpList* numbers, int64_t n,
                                 RexpList* out) noexcept {
  most_common(sink, *numbers, n, out, [](const RexpPair& number) { return number.a; });
}

void rexp_rk_sample(RexpSink* sink, const RexpList* list, int64_t n, uint64_t stream, uint64_t use,
                    RexpList* out) noexcept {
  *out = {};
  const int64_t bytes = list->size * static_cast<int64_t>(sizeof(RexpPair));
  auto* drawn = static_cast<RexpPair*>(rexp_rk_alloc(sink, bytes));
  std::copy_n(list->data, list->size, drawn);
  const uint64_t key = rexp::stream(stream, use);
  const int64_t wanted = std::clamp<int64_t>(n, 0, list->size);
  for (int64_t i = 0; i < wanted; ++i) {
    const uint64_t left = static_cast<uint64_t>(list->size - i);
    const auto step = static_cast<int64_t>(rexp::below(key, static_cast<uint64_t>(i), left));
    std::swap(drawn[i], drawn[i + step]);
  }
  *out = {drawn, wanted, list->size};
}

int64_t rexp_rk_choose(uint64_t stream, uint64_t use, const double* cumulative,
                       int64_t count) noexcept {
  const double drawn = rexp::uniform(stream, use) * cumulative[count - 1];
  return std::min(std::upper_bound(cumulative, cumulative + count, drawn) - cumulative, count - 1);
}

uint64_t rexp_rk_permute(uint64_t n, uint64_t index, uint64_t key) noexcept {
  return rexp::permute(n, index, key);
}

uint64_t rexp_rk_stream(uint64_t parent, uint64_t child) noexcept {
  return rexp::stream(parent, child);
}

void* rexp_rk_alloc(RexpSink* sink, int64_t bytes) noexcept {
  return arena_of(sink).allocate(bytes);
}

double rexp_rk_cos(double x) noexcept { return std::cos(x); }
double rexp_rk_exp(double x) noexcept { return std::exp(x); }
double rexp_rk_log(double x) noexcept { return std::log(x); }
double rexp_rk_log2(double x) noexcept { return std::log2(x); }
double rexp_rk_pow(double x, double y) noexcept { return std::pow(x, y); }

}  // extern "C"
