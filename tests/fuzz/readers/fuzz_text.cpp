// Tokenizers: tokenizer.json and ranks; what loads encodes, decodes and writes itself. Catalogues and prompts of `rexp decode`.
#include <algorithm>
#include <cstdlib>

#include "runtime/base/json.h"
#include "runtime/decode/catalogue.h"
#include "runtime/decode/catalogue_file.h"
#include "runtime/decode/prompts_file.h"
#include "runtime/store/file.h"
#include "runtime/text/byte_level.h"
#include "runtime/text/tokenizer.h"
#include "tests/fuzz/readers/reader_fuzz.h"

namespace {

using namespace rexp;

constexpr std::string_view kText = "The 3 caf\xC3\xA9s' <|x|> \n 12345 \xFF";

void use(const text::Tokenizer& tokenizer) {
  std::vector<int32_t> ids;
  tokenizer.encode(kText, text::Specials::allow, &ids);
  tokenizer.decode(ids);
  static_cast<void>(tokenizer.hash());
  std::vector<int32_t> owned = tokenizer.with_parts(ids);
  std::sort(owned.begin(), owned.end());
  owned.erase(std::unique(owned.begin(), owned.end()), owned.end());
  fuzz::answered(tokenizer.save_pruned(fuzz::folder() + "/pruned", owned));
}

void read_catalogue(const std::string& path, const text::Tokenizer* tokenizer) {
  const auto file = decode::read_catalogue_file(path, tokenizer);
  if (fuzz::answered(file)) fuzz::answered(decode::Catalogue::build(file->tokens));
}

/// All bytes, one merge and one added token, as tokenizer.json.
std::string small_tokenizer() {
  std::string vocabulary;
  for (int byte = 0; byte < 256; ++byte) {
    const char c = static_cast<char>(byte);
    vocabulary +=
        nlohmann::json(text::to_byte_level({&c, 1})).dump() + ":" + std::to_string(byte) + ",";
  }
  return R"({"normalizer":{"type":"NFC"},"added_tokens":[{"id":257,"content":"<|x|>","special":true}],)"
         R"("decoder":{"type":"ByteLevel"},"pre_tokenizer":{"type":"ByteLevel","add_prefix_space":false,"use_regex":true},)"
         R"("model":{"type":"BPE","vocab":{)" +
         vocabulary + R"("he":256},"merges":["h e"]}})";
}

const text::Tokenizer* known_tokenizer() {
  static const auto tokenizer = [] {
    fuzz::answered(store::make_folder(fuzz::folder() + "/known"));
    fuzz::as_file("known/tokenizer.json", small_tokenizer());
    return text::Tokenizer::from_folder(fuzz::folder() + "/known");
  }();
  if (!tokenizer.ok()) std::abort();
  return &*tokenizer;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string_view body(reinterpret_cast<const char*>(data) + 1, size - 1);
  const text::Tokenizer* known = known_tokenizer();
  switch (data[0]) {
    case 'j': {
      fuzz::as_file("tokenizer.json", body);
      const auto read = text::Tokenizer::from_folder(fuzz::folder());
      if (fuzz::answered(read)) use(*read);
      break;
    }
    case 't': {
      const auto read =
          text::Tokenizer::from_tiktoken(fuzz::as_file("ranks", body), {{300, "<|x|>"}});
      if (fuzz::answered(read)) use(*read);
      break;
    }
    case 'c': read_catalogue(fuzz::as_file("catalogue", body), known); break;
    case 'n': read_catalogue(fuzz::as_file("catalogue", body), nullptr); break;
    case 'p': fuzz::answered(decode::read_prompts(fuzz::as_file("prompts.jsonl", body), 50)); break;
    default: break;
  }
  return 0;
}

namespace rexp::fuzz {
namespace {

std::string ranks() {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (int byte = 0; byte < 256; ++byte) {
    out += kDigits[byte >> 2];
    out += kDigits[(byte & 3) << 4];
    out += "== " + std::to_string(byte) + "\n";
  }
  return out + "aGU= 256\n";
}

}  // namespace

std::vector<std::string> seeds() {
  return {"j" + small_tokenizer(), "t" + ranks(),
          R"(c{"17": ["<|x|>", "he", "a"], "2": ["b", "c", "d"]})",
          "n{\"item\": 17, \"tokens\": [20, 30]}\n{\"item\": \"b\", \"tokens\": [20, 31]}\n",
          "p{\"tokens\": [1, 2, 3]}\n\n{\"tokens\": [4]}\n"};
}

}  // namespace rexp::fuzz
