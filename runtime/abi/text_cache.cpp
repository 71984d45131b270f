#include "runtime/abi/text_cache.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "runtime/text/cuts.h"

namespace rexp::abi {
namespace {

constexpr size_t kShortest = 8;   // bytes: a shorter part is not looked up on its own
constexpr size_t kLongest = 128;  // bytes: a longer stretch between two insides hardly comes again

}  // namespace

size_t TextCache::Hash::operator()(std::string_view text) const {
  return XXH3_64bits(text.data(), text.size());
}

void TextCache::account(size_t text, size_t ids) {
  constexpr size_t kEntry = 128;
  bytes_ += kEntry + text + ids * sizeof(int32_t);
}

const TextCache::Inside& TextCache::inside(std::string_view part) {
  if (const auto known = insides_.find(part); known != insides_.end()) return known->second;
  const text::Cuts cuts = text::cuts_in(part);
  Inside made{cuts.first, cuts.last, {}};
  tokenizer_.encode(part.substr(cuts.first, cuts.last - cuts.first), text::Specials::deny,
                    &made.ids);
  account(part.size(), made.ids.size());
  return insides_.emplace(part, std::move(made)).first->second;
}

void TextCache::encode_between(std::string_view text, std::vector<int32_t>* out) {
  if (text.empty()) return;
  if (text.size() > kLongest) return tokenizer_.encode(text, text::Specials::deny, out);
  auto known = between_.find(text);
  if (known == between_.end()) {
    std::vector<int32_t> ids;
    tokenizer_.encode(text, text::Specials::deny, &ids);
    account(text.size(), ids.size());
    known = between_.emplace(text, std::move(ids)).first;
  }
  out->insert(out->end(), known->second.begin(), known->second.end());
}

void TextCache::encode(std::string_view text, std::span<const int64_t> ends,
                       std::vector<int32_t>* out) {
  const std::lock_guard lock(mutex_);
  if (bytes_ > most_bytes_) {
    insides_.clear();
    between_.clear();
    bytes_ = 0;
  }
  size_t done = 0, begin = 0;  // `done` is a cut, `begin` the begin of a part
  const auto encode_until = [&](size_t cut) {
    encode_between(text.substr(done, cut - done), out);
    done = cut;
  };
  for (const int64_t e : ends) {
    const auto end = static_cast<size_t>(e);
    if (begin > done && text::cut_between(text.substr(done, begin - done), text.substr(begin)))
      encode_until(begin);
    const std::string_view part = text.substr(begin, end - begin);
    if (part.size() >= kShortest) {
      const Inside& known = inside(part);
      if (known.first < known.last) {
        encode_until(begin + known.first);
        out->insert(out->end(), known.ids.begin(), known.ids.end());
        done = begin + known.last;
      }
    }
    begin = end;
  }
  encode_until(text.size());
}

}  // namespace rexp::abi
