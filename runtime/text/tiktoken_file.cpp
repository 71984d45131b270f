// Reads OpenAI's rank files: one token a line, its bytes in base64, a blank, its rank. The rank is the id.
#include <array>
#include <charconv>
#include <memory>

#include "runtime/store/file.h"
#include "runtime/text/tokenizer_impl.h"

namespace rexp::text {
namespace {

constexpr int32_t kMaxRank = 1 << 24;

constexpr std::array<int8_t, 256> base64_values() {
  std::array<int8_t, 256> values{};
  for (auto& v : values) v = -1;
  const char* digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (int8_t i = 0; i < 64; ++i) values[static_cast<unsigned char>(digits[i])] = i;
  return values;
}
constexpr std::array<int8_t, 256> kBase64 = base64_values();

/// Replaces `out` by the bytes of a base64 text; false when it is none.
bool decode_base64(std::string_view text, std::string* out) {
  out->clear();
  if (text.empty() || text.size() % 4 != 0) return false;
  size_t digits = text.size();
  while (digits > text.size() - 2 && text[digits - 1] == '=') --digits;
  uint32_t bits = 0;
  int count = 0;
  for (size_t i = 0; i < digits; ++i) {
    const int8_t value = kBase64[static_cast<unsigned char>(text[i])];
    if (value < 0) return false;
    bits = (bits << 6) | static_cast<uint32_t>(value);
    count += 6;
    if (count >= 8) {
      count -= 8;
      out->push_back(static_cast<char>((bits >> count) & 0xFF));
    }
  }
  return true;
}

/// "IQ== 0" -> bytes and rank.
bool parse_line(std::string_view line, std::string* bytes, int32_t* rank) {
  if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  const size_t blank = line.find(' ');
  if (blank == std::string_view::npos || !decode_base64(line.substr(0, blank), bytes)) return false;
  const std::string_view number = line.substr(blank + 1);
  const auto [end, fault] = std::from_chars(number.data(), number.data() + number.size(), *rank);
  return fault == std::errc() && end == number.data() + number.size() && *rank >= 0 &&
         *rank < kMaxRank;
}

Result<std::shared_ptr<Bpe>> read_ranks(const std::string& path, std::string_view content) {
  auto bpe = std::make_shared<Bpe>(Bpe::Order::by_id);
  bpe->reserve(content.size() / 16, content.size());
  std::string bytes;
  int line = 0;
  for (size_t at = 0; at < content.size();) {
    const size_t end = std::min(content.find('\n', at), content.size());
    ++line;
    const std::string_view text = content.substr(at, end - at);
    at = end + 1;
    if (text.empty()) continue;
    int32_t rank = -1;
    if (!parse_line(text, &bytes, &rank)) {
      return file_error(path, line, "the line is not a base64 token and its rank",
                        "the file may be cut short: fetch it again");
    }
    if (!bpe->add(rank, bytes))
      return file_error(path, line, "the token or its rank is there twice");
  }
  bpe->finish({});
  for (int b = 0; b < 256; ++b) {
    const char byte = static_cast<char>(b);
    if (bpe->find({&byte, 1}) < 0) {
      return file_error(
          path, 0, "no token for the byte " + std::to_string(b) + ", byte-level BPE needs all 256",
          "the file may be cut short: fetch it again");
    }
  }
  return bpe;
}

}  // namespace

Result<Tokenizer> Tokenizer::from_tiktoken(const std::string& path, std::vector<AddedToken> added) {
  const Result<std::string> content = store::read_file(path);
  if (!content.ok()) {
    Error error = content.error();
    if (error.help.empty()) error.help = "run './dev setup' to fetch the tokenizer";
    return error;
  }
  Result<std::shared_ptr<Bpe>> bpe = read_ranks(path, *content);
  if (!bpe.ok()) return bpe.error();
  for (const AddedToken& token : added) {
    if (token.id >= 0 && !token.content.empty() && (*bpe)->bytes(token.id).empty()) continue;
    return file_error(path, 0,
                      "the added token '" + token.content + "' has the id " +
                          std::to_string(token.id) + ", which the file's ranks use already",
                      "take the added tokens that belong to this file");
  }
  Tokenizer tokenizer;
  tokenizer.impl_->bpe = std::move(*bpe);
  tokenizer.impl_->set_added(std::move(added));
  return tokenizer;
}

}  // namespace rexp::text
