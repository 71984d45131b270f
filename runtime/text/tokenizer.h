// Byte-level BPE as Qwen, Llama-3 and SmolLM use it, exact to the token.
//
//   auto t = Tokenizer::from_tiktoken("qwen.tiktoken", qwen3_added_tokens());
//   std::vector<int32_t> ids; t->encode("Hello world", Specials::deny, &ids);   // 9707 1879
//
// Added tokens are split out of the raw text first (leftmost, longest), the pieces between are NFC-normalised, cut by the
// pre-tokenizer's rule and merged by rank.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/result.h"

namespace rexp::text {

enum class Specials : uint8_t {
  deny,
  allow
};  // is "<|im_end|>" inside a text the special token, or plain characters

struct AddedToken {
  int32_t id;
  std::string content;
  bool special = true;
};

struct ChatFormat;  // chat_format.h

class Tokenizer {
 public:
  /// Reads a list of base64 tokens and ranks (Qwen's splitting rule, NFC). User errors name the file and the line.
  static Result<Tokenizer> from_tiktoken(const std::string& path, std::vector<AddedToken> added);
  /// Reads `folder`/tokenizer.json: byte-level BPE of the families Qwen2/Qwen3, Llama-3 and GPT-2/SmolLM2. A user error names
  /// the part that is not supported.
  static Result<Tokenizer> from_folder(const std::string& folder);

  /// Appends the ids of `text`. deny: no added token is recognised, whatever the text says. allow: all are, as Hugging Face
  /// does it. Bytes that are no UTF-8 keep their byte tokens. Thread-safe. No begin-of-text token is put in front.
  void encode(std::string_view text, Specials specials, std::vector<int32_t>* out) const;
  /// Bytes of the tokens, invalid UTF-8 replaced by U+FFFD.
  std::string decode(std::span<const int32_t> ids) const;
  /// Raw bytes of one token; for an added token its content.
  std::string_view bytes(int32_t id) const;
  std::optional<int32_t> added(std::string_view content) const;
  /// The two tokens that merge into `id`; nullopt for a single byte and for added tokens.
  std::optional<std::pair<int32_t, int32_t>> parts(int32_t id) const;
  /// `ids`, and behind them every token that merging passes through on the way to them. A model that owns such a set can be
  /// saved with a tokenizer that encodes its texts exactly as this one does.
  std::vector<int32_t> with_parts(std::span<const int32_t> ids) const;
  int32_t size() const;  // one more than the largest id
  /// Adds tokens behind the last id (SID tokens); returns the first new id. A content that is an added token already keeps its
  /// first id when texts are encoded: ask added() before.
  int32_t extend(const std::vector<std::string>& tokens);
  /// Writes tokenizer.json and tokenizer_config.json with only the tokens `rows` owns, renumbered to row order, for Hugging Face
  /// `tokenizers`. A merge is kept when its result and both parts are owned (see with_parts). A row whose id has no token
  /// (padding) is left out. `chat` gives the chat template; by default ChatML where the tokenizer has its tokens.
  Status save_pruned(const std::string& folder, std::span<const int32_t> rows,
                     const ChatFormat* chat = nullptr) const;
  std::string hash() const;  // xxh128 of ranks, merges, rule and added tokens

  Tokenizer();
  Tokenizer(Tokenizer&&) noexcept;
  Tokenizer& operator=(Tokenizer&&) noexcept;
  Tokenizer(const Tokenizer&);
  ~Tokenizer();

  struct Impl;  // for the readers and writers of this folder
 private:
  std::unique_ptr<Impl> impl_;
};

/// Qwen3's 26 added tokens, 151643 <|endoftext|> to 151668 </think>.
std::vector<AddedToken> qwen3_added_tokens();

}  // namespace rexp::text
