#include "runtime/text/tokenizer.h"

#include <algorithm>
#include <new>

#include <xxhash.h>

#include "runtime/base/assert.h"
#include "runtime/text/tokenizer_impl.h"
#include "runtime/text/unicode.h"

namespace rexp::text {

void Tokenizer::Impl::set_added(std::vector<AddedToken> tokens) {
  added = std::move(tokens);
  finder = AddedTokens();
  added_index.clear();
  size = bpe->size();
  if (added.empty()) return;
  const auto by_id = [](const AddedToken& a, const AddedToken& b) { return a.id < b.id; };
  first_added = std::min_element(added.begin(), added.end(), by_id)->id;
  const int32_t last = std::max_element(added.begin(), added.end(), by_id)->id;
  size = std::max(size, last + 1);
  added_index.assign(last - first_added + 1, -1);
  for (size_t i = 0; i < added.size(); ++i) {
    added_index[added[i].id - first_added] = static_cast<int32_t>(i);
    finder.insert(added[i].id, added[i].content);
  }
}

const AddedToken* Tokenizer::Impl::added_by_id(int32_t id) const {
  const int64_t at = int64_t{id} - first_added;
  if (at < 0 || at >= static_cast<int64_t>(added_index.size()) || added_index[at] < 0)
    return nullptr;
  return &added[added_index[at]];
}

void Tokenizer::Impl::encode_plain(std::string_view text, std::vector<int32_t>* out) const {
  std::string normal;
  if (nfc && may_change_under_nfc(text)) {
    normal = text::nfc(text);
    text = normal;
  }
  Splitter pieces(text, rule);
  for (std::string_view piece; pieces.next(&piece);) bpe->encode_piece(piece, out);
}

Tokenizer::Tokenizer() : impl_(std::make_unique<Impl>()) {}
Tokenizer::Tokenizer(Tokenizer&&) noexcept = default;
Tokenizer& Tokenizer::operator=(Tokenizer&&) noexcept = default;
Tokenizer::Tokenizer(const Tokenizer& other) : impl_(std::make_unique<Impl>(*other.impl_)) {}
Tokenizer::~Tokenizer() = default;

void Tokenizer::encode(std::string_view text, Specials specials, std::vector<int32_t>* out) const {
  size_t at = 0;
  if (specials == Specials::allow) {
    while (const auto match = impl_->finder.find(text, at)) {
      impl_->encode_plain(text.substr(at, match->begin - at), out);
      out->push_back(match->id);
      at = match->begin + match->size;
    }
  }
  impl_->encode_plain(text.substr(at), out);
}

std::string Tokenizer::decode(std::span<const int32_t> ids) const {
  std::string raw;
  for (const int32_t id : ids) raw += bytes(id);
  return repair_utf8(raw);
}

std::string_view Tokenizer::bytes(int32_t id) const {
  if (const AddedToken* token = impl_->added_by_id(id)) return token->content;
  return impl_->bpe->bytes(id);
}

std::optional<int32_t> Tokenizer::added(std::string_view content) const {
  return impl_->finder.exact(content);
}

std::optional<std::pair<int32_t, int32_t>> Tokenizer::parts(int32_t id) const {
  if (impl_->added_by_id(id) != nullptr) return std::nullopt;
  return impl_->bpe->parts(id);
}

std::vector<int32_t> Tokenizer::with_parts(std::span<const int32_t> ids) const {
  std::vector<int32_t> all(ids.begin(), ids.end());
  std::vector<bool> known(size(), false);
  for (const int32_t id : all) {
    if (id >= 0 && id < size())
      known[id] = true;  // ids behind the tokenizer (semantic ids) have no parts
  }
  const auto need = [&](int32_t id) {
    if (!known[id]) all.push_back(id);
    known[id] = true;
  };
  for (size_t i = 0; i < all.size(); ++i) {
    if (all[i] < 0 || all[i] >= size()) continue;
    if (const auto two = parts(all[i])) {
      need(two->first);
      need(two->second);
    }
  }
  return all;
}

int32_t Tokenizer::size() const { return impl_->size; }

int32_t Tokenizer::extend(const std::vector<std::string>& tokens) {
  const int32_t first = impl_->size;
  std::vector<AddedToken> all = std::move(impl_->added);
  for (size_t i = 0; i < tokens.size(); ++i) {
    REXP_ASSERT(!tokens[i].empty(), "a token to add is empty");
    all.push_back({first + static_cast<int32_t>(i), tokens[i], false});
  }
  impl_->set_added(std::move(all));
  return first;
}

std::string Tokenizer::hash() const {
  XXH3_state_t* state = XXH3_createState();
  if (state == nullptr) throw std::bad_alloc();
  XXH3_128bits_reset(state);
  const auto add_number = [&](int64_t value) { XXH3_128bits_update(state, &value, sizeof value); };
  const auto add_text = [&](std::string_view text) {
    add_number(static_cast<int64_t>(text.size()));
    XXH3_128bits_update(state, text.data(), text.size());
  };
  const Bpe& bpe = *impl_->bpe;
  for (const int64_t value :
       {int64_t{static_cast<int>(bpe.order())}, int64_t{bpe.ignore_merges()},
        int64_t{bpe.unknown()}, int64_t{bpe.fuse_unknown()},
        int64_t{static_cast<int>(impl_->rule.pattern)}, int64_t{impl_->rule.digits_apart},
        int64_t{impl_->nfc}, int64_t{bpe.size()}}) {
    add_number(value);
  }
  for (int32_t id = 0; id < bpe.size(); ++id) add_text(bpe.bytes(id));
  for (const Merge& merge : bpe.merges()) {
    add_number(merge.left);
    add_number(merge.right);
  }
  for (const AddedToken& token : impl_->added) {
    add_number(token.id);
    add_text(token.content);
    add_number(token.special);
  }
  const XXH128_hash_t digest = XXH3_128bits_digest(state);
  XXH3_freeState(state);
  char hex[33];
  std::snprintf(hex, sizeof hex, "%016llx%016llx", static_cast<unsigned long long>(digest.high64),
                static_cast<unsigned long long>(digest.low64));
  return hex;
}

std::vector<AddedToken> qwen3_added_tokens() {
  static constexpr int32_t kFirst = 151643,
                           kFirstPlain = 151657;  // from <tool_call> on they are not `special`
  static constexpr const char* kContents[] = {"<|endoftext|>",
                                              "<|im_start|>",
                                              "<|im_end|>",
                                              "<|object_ref_start|>",
                                              "<|object_ref_end|>",
                                              "<|box_start|>",
                                              "<|box_end|>",
                                              "<|quad_start|>",
                                              "<|quad_end|>",
                                              "<|vision_start|>",
                                              "<|vision_end|>",
                                              "<|vision_pad|>",
                                              "<|image_pad|>",
                                              "<|video_pad|>",
                                              "<tool_call>",
                                              "</tool_call>",
                                              "<|fim_prefix|>",
                                              "<|fim_middle|>",
                                              "<|fim_suffix|>",
                                              "<|fim_pad|>",
                                              "<|repo_name|>",
                                              "<|file_sep|>",
                                              "<tool_response>",
                                              "</tool_response>",
                                              "<think>",
                                              "</think>"};
  std::vector<AddedToken> tokens;
  int32_t id = kFirst;
  for (const char* content : kContents) {
    tokens.push_back({id, content, id < kFirstPlain});
    ++id;
  }
  return tokens;
}

}  // namespace rexp::text
