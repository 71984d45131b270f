#include "runtime/codebook/extend.h"

#include <algorithm>
#include <map>

#include "runtime/base/assert.h"

namespace rexp::codebook {
namespace {

using Code = std::vector<int32_t>;

Vectors new_rows(const Vectors& vectors, const std::vector<int64_t>& old_item) {
  Vectors out{0, vectors.size, {}};
  for (int64_t i = 0; i < vectors.rows; ++i) {
    if (old_item[i] >= 0) continue;
    out.values.insert(out.values.end(), vectors.row(i), vectors.row(i) + vectors.size);
    ++out.rows;
  }
  return out;
}

/// The next free place behind each code, by what the old book has given away.
std::map<Code, int32_t> free_places(const Codebook& old) {
  std::map<Code, int32_t> next;
  for (const Code& item : old.codes) {
    int32_t& place = next[Code(item.begin(), item.end() - 1)];
    place = std::max(place, item.back() + 1);
  }
  return next;
}

Status take_place(const Codebook& book, std::map<Code, int32_t>* next, Code* code) {
  int32_t& place = (*next)[*code];
  const int32_t places = book.level_sizes.back();
  if (place >= places) {
    return user_error("codebook `" + book.name + "` has " + std::to_string(places) +
                          " places for items with equal codes, a new item would need one more",
                      "learn the codebook anew on the whole catalogue");
  }
  code->push_back(place++);
  return {};
}

}  // namespace

Result<Codebook> extend(const Codebook& old, const Quantiser& quantiser, const Vectors& vectors,
                        const std::vector<int64_t>& old_item) {
  REXP_ASSERT(static_cast<int64_t>(old_item.size()) == vectors.rows, "every row has an item");
  std::vector<int32_t> learnt = old.level_sizes;
  if (old.extra_level) learnt.pop_back();
  if (learnt != quantiser.level_sizes()) {
    return user_error("the quantiser does not have the levels of codebook `" + old.name + "`",
                      "extend a codebook with the quantiser that was learnt with it");
  }
  Result<std::vector<Code>> fresh = quantiser.encode(new_rows(vectors, old_item));
  if (!fresh.ok()) return fresh.error();
  Codebook book = old;
  book.codes.clear();
  std::map<Code, int32_t> next;
  if (old.extra_level) next = free_places(old);
  size_t taken = 0;
  for (const int64_t item : old_item) {
    if (item >= 0) {
      REXP_ASSERT(item < static_cast<int64_t>(old.codes.size()), "an old item is in its book");
      book.codes.push_back(old.codes[item]);
      continue;
    }
    Code code = std::move((*fresh)[taken++]);
    if (old.extra_level) REXP_TRY(take_place(old, &next, &code));
    book.codes.push_back(std::move(code));
  }
  return book;
}

}  // namespace rexp::codebook
