// The parts of the tokenizer, one by one; tests/parity/tokenizer_test.cpp compares the whole with Hugging Face.
#include <filesystem>
#include <fstream>
#include <map>

#include <gtest/gtest.h>

#include "runtime/base/json.h"
#include "runtime/base/random.h"
#include "runtime/text/added_tokens.h"
#include "runtime/text/bpe.h"
#include "runtime/text/byte_level.h"
#include "runtime/text/chat_format.h"
#include "runtime/text/cuts.h"
#include "runtime/text/splitter.h"
#include "runtime/text/tokenizer.h"
#include "runtime/text/unicode.h"

namespace rexp::text {
namespace {

using nlohmann::json;
using Pieces = std::vector<std::string>;
using Ids = std::vector<int32_t>;

Pieces split(std::string_view text, SplitRule rule = {}) {
  Pieces out;
  Splitter splitter(text, rule);
  for (std::string_view piece; splitter.next(&piece);) out.emplace_back(piece);
  return out;
}

std::string scratch_file(const std::string& name, const std::string& content) {
  const std::string path = ::testing::TempDir() + name;
  std::filesystem::create_directories(std::filesystem::path(path).parent_path());
  std::ofstream(path, std::ios::binary) << content;
  return path;
}

std::string base64(std::string_view bytes) {
  static constexpr char kDigits[] =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (size_t i = 0; i < bytes.size(); i += 3) {
    uint32_t bits = 0;
    for (size_t k = 0; k < 3; ++k)
      bits = (bits << 8) | (i + k < bytes.size() ? static_cast<unsigned char>(bytes[i + k]) : 0);
    for (size_t k = 0; k < 4; ++k)
      out += i + k > bytes.size() ? '=' : kDigits[(bits >> (18 - 6 * k)) & 63];
  }
  return out;
}

/// A rank file of the 256 bytes and some tokens behind them.
std::string rank_file(const std::vector<std::string>& tokens) {
  std::string content;
  for (int b = 0; b < 256; ++b)
    content += base64(std::string(1, static_cast<char>(b))) + " " + std::to_string(b) + "\n";
  for (size_t i = 0; i < tokens.size(); ++i)
    content += base64(tokens[i]) + " " + std::to_string(256 + i) + "\n";
  return content;
}

Tokenizer small_tokenizer() {
  const std::string path =
      scratch_file("small.tiktoken", rank_file({"he", "ll", "hell", "hello", " w", "é", "电"}));
  Result<Tokenizer> tokenizer = Tokenizer::from_tiktoken(
      path, {{300, "<|endoftext|>"}, {301, "<|im_start|>"}, {302, "<|im_end|>"}});
  EXPECT_TRUE(tokenizer.ok()) << to_string(tokenizer.error());
  return std::move(*tokenizer);
}

Ids encode(const Tokenizer& tokenizer, std::string_view text, Specials specials = Specials::deny) {
  Ids ids;
  tokenizer.encode(text, specials, &ids);
  return ids;
}

TEST(Splitter, QwenRule) {
  EXPECT_EQ(split("It's 42.\n"), (Pieces{"It", "'s", " ", "4", "2", ".\n"}));
  EXPECT_EQ(split("a  b\t\nc "), (Pieces{"a", " ", " b", "\t\n", "c", " "}));
  EXPECT_EQ(split("x'\u017Fy"), (Pieces{"x", "'\u017F", "y"}));
  EXPECT_EQ(split("(电影)!\r\n\r\n"), (Pieces{"(电影", ")!\r\n\r\n"}));
  EXPECT_EQ(split("\u3000\u3000好"), (Pieces{"\u3000", "\u3000好"}));
  EXPECT_EQ(split("e\u0301"), (Pieces{"e", "\u0301"}));
}

TEST(Splitter, OtherRules) {
  EXPECT_EQ(split("12345 x", {SplitPattern::llama3}), (Pieces{"123", "45", " x"}));
  EXPECT_EQ(split("It'S 123", {SplitPattern::gpt2}), (Pieces{"It", "'", "S", " 123"}));
  EXPECT_EQ(split("a 12\n\n", {SplitPattern::gpt2, true}), (Pieces{"a", " ", "1", "2", "\n\n"}));
}

TEST(Splitter, PiecesAreTheText) {
  for (uint64_t trial = 0; trial < 2000; ++trial) {
    std::string text;
    for (uint64_t i = 0; i < trial % 24; ++i)
      text += static_cast<char>(bits(stream(11, trial), i));  // mostly invalid UTF-8
    for (const SplitRule rule :
         {SplitRule{}, SplitRule{SplitPattern::llama3}, SplitRule{SplitPattern::gpt2, true}}) {
      std::string joined;
      for (const std::string& piece : split(text, rule)) {
        ASSERT_FALSE(piece.empty());
        joined += piece;
      }
      EXPECT_EQ(joined, text);
    }
  }
}

/// Joins the best pair again and again, the definition of BPE.
Ids merge_slowly(std::string_view text, const std::map<std::string, int32_t>& ranks) {
  std::vector<std::string> parts;
  for (const char c : text) parts.emplace_back(1, c);
  for (;;) {
    size_t best = 0;
    int32_t rank = INT32_MAX;
    for (size_t i = 0; i + 1 < parts.size(); ++i) {
      const auto found = ranks.find(parts[i] + parts[i + 1]);
      if (found != ranks.end() && found->second < rank) best = i, rank = found->second;
    }
    if (rank == INT32_MAX) break;
    parts[best] += parts[best + 1];
    parts.erase(parts.begin() + static_cast<int64_t>(best) + 1);
  }
  Ids ids;
  for (const std::string& part : parts) ids.push_back(ranks.at(part));
  return ids;
}

TEST(Bpe, MergesLikeTheDefinition) {
  std::map<std::string, int32_t> ranks;
  for (char c = 'a'; c <= 'c'; ++c) ranks[std::string(1, c)] = c - 'a';
  for (const char* token : {"aa", "ab", "bc", "aab", "aaaa", "abc", "cab", "bca"})
    ranks[token] = static_cast<int32_t>(ranks.size());
  Bpe bpe(Bpe::Order::by_id);
  for (const auto& [token, rank] : ranks) ASSERT_TRUE(bpe.add(rank, token));
  bpe.finish({});
  for (uint64_t trial = 0; trial < 3000; ++trial) {
    std::string text;
    for (uint64_t i = 0; i < 1 + trial % 40; ++i)
      text += static_cast<char>('a' + below(stream(5, trial), i, 3));
    Ids ids;
    bpe.encode_piece(text, &ids);
    EXPECT_EQ(ids, merge_slowly(text, ranks)) << text;
  }
}

TEST(Bpe, ListedMergesGoByTheList) {
  Bpe bpe(Bpe::Order::by_list);
  for (const auto& [id, token] : std::map<int32_t, std::string>{
           {0, "a"}, {1, "b"}, {2, "c"}, {3, "ab"}, {4, "bc"}, {5, "abc"}}) {
    bpe.add(id, token);
  }
  bpe.finish({{1, 2, 4}, {0, 1, 3}});
  Ids ids;
  bpe.encode_piece("abc", &ids);
  EXPECT_EQ(ids, (Ids{0, 4}));  // "abc" is a token that no merge makes
  bpe.set_ignore_merges(true);
  ids.clear();
  bpe.encode_piece("abc", &ids);
  EXPECT_EQ(ids, (Ids{5}));
  EXPECT_FALSE(bpe.parts(5));
}

TEST(AddedTokens, LeftmostLongest) {
  AddedTokens added;
  for (int i : {1, 12, 2}) added.insert(i, "<|sid_" + std::to_string(i) + "|>");
  added.insert(7, "<|sid_1|>2");
  const auto match = added.find("x<|sid_<|sid_12|><|sid_1|>", 0);
  ASSERT_TRUE(match);
  EXPECT_EQ(match->begin, 7u);
  EXPECT_EQ(match->id, 12);
  EXPECT_EQ(added.find("<|sid_1|>2", 0)->id, 7);
  EXPECT_EQ(added.exact("<|sid_2|>"), 2);
  EXPECT_FALSE(added.exact("<|sid_"));
  EXPECT_FALSE(added.find("<|sid_3|>", 0));
}

TEST(Unicode, RepairsMaximalParts) {
  EXPECT_EQ(repair_utf8("a\xE7\x94z"), "a\uFFFDz");              // a truncated sequence is one part
  EXPECT_EQ(repair_utf8("\xC0\xAF"), "\uFFFD\uFFFD");            // overlong
  EXPECT_EQ(repair_utf8("\xED\xA0\x80"), "\uFFFD\uFFFD\uFFFD");  // a surrogate
  EXPECT_EQ(repair_utf8("电"), "电");
}

TEST(Unicode, Normalises) {
  EXPECT_FALSE(may_change_under_nfc("plain é 电影 한국어 👍"));
  EXPECT_TRUE(may_change_under_nfc("e\u0301"));
  EXPECT_EQ(nfc("e\u0301 \u1112\u1161\u11ab \u212b"), "é \uD55C \u00C5");
  EXPECT_EQ(nfc("e\u0301\xFF"
                "e\u0301"),
            "é\xFFé");
}

TEST(ByteLevel, RoundTrip) {
  std::string all;
  for (int b = 0; b < 256; ++b) all += static_cast<char>(b);
  EXPECT_EQ(from_byte_level(to_byte_level(all)), all);
  EXPECT_EQ(to_byte_level(" a\n"), "ĠaĊ");
  EXPECT_FALSE(from_byte_level("电"));
}

TEST(Tokenizer, EncodesAndDecodes) {
  const Tokenizer tokenizer = small_tokenizer();
  EXPECT_EQ(encode(tokenizer, "hello w"), (Ids{259, 260}));
  EXPECT_EQ(encode(tokenizer, "e\u0301"), (Ids{261}));  // NFC first
  EXPECT_EQ(encode(tokenizer, "a<|im_end|>b", Specials::allow), (Ids{'a', 302, 'b'}));
  EXPECT_EQ(encode(tokenizer, "<|im_end|>").size(), 10u);
  EXPECT_EQ(tokenizer.decode(Ids{259, 302, 0xE7, 0x94}), "hello<|im_end|>\uFFFD");
  EXPECT_EQ(tokenizer.decode(encode(tokenizer, "\xFF\xE7hello")), "\uFFFD\uFFFDhello");
  EXPECT_EQ(tokenizer.parts(259), std::pair(258, int32_t{'o'}));
  EXPECT_FALSE(tokenizer.parts('a'));
  EXPECT_FALSE(tokenizer.parts(302));
  EXPECT_EQ(tokenizer.with_parts(Ids{259}), (Ids{259, 258, 'o', 256, 257, 'h', 'e', 'l'}));
}

TEST(Tokenizer, ExtendsBehindTheLastId) {
  Tokenizer tokenizer = small_tokenizer();
  const std::string before = tokenizer.hash();
  const Tokenizer copy = tokenizer;
  EXPECT_EQ(tokenizer.size(), 303);
  EXPECT_EQ(tokenizer.extend({"<|sid_0|>", "<|sid_1|>"}), 303);
  EXPECT_EQ(tokenizer.size(), 305);
  EXPECT_EQ(tokenizer.bytes(304), "<|sid_1|>");
  EXPECT_EQ(encode(tokenizer, "看<|sid_1|>", Specials::allow).back(), 304);
  EXPECT_NE(tokenizer.hash(), before);
  EXPECT_EQ(copy.hash(), before);
  EXPECT_EQ(copy.size(), 303);
}

TEST(Tokenizer, RankFileErrorsNameTheLine) {
  const auto error_of = [](const std::string& content) {
    const auto read = Tokenizer::from_tiktoken(scratch_file("broken.tiktoken", content), {});
    EXPECT_FALSE(read.ok());
    return read.ok() ? Error() : read.error();
  };
  EXPECT_EQ(error_of("IQ== 0\nIg= 1\n").line, 2);
  EXPECT_EQ(error_of("IQ== 0\nIQ== 1\n").line, 2);
  EXPECT_NE(error_of("IQ== 0\n").message.find("no token for the byte 0"), std::string::npos);
  EXPECT_FALSE(Tokenizer::from_tiktoken("no/such/file", {}).ok());
  const auto clash =
      Tokenizer::from_tiktoken(scratch_file("small.tiktoken", rank_file({"he"})), {{256, "<|x|>"}});
  ASSERT_FALSE(clash.ok());
  EXPECT_NE(clash.error().message.find("<|x|>"), std::string::npos);
}

/// The smallest tokenizer.json that is accepted; each test breaks one part of it.
json small_json() {
  return json::parse(R"({"normalizer": null, "added_tokens": [], "decoder": {"type": "ByteLevel"},
    "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": false, "use_regex": true},
    "model": {"type": "BPE", "vocab": {"a": 0, "b": 1, "ab": 2}, "merges": ["a b"]}})");
}

Result<Tokenizer> read_json(const std::string& content) {
  const std::string path = scratch_file("tokenizer_folder/tokenizer.json", content);
  return Tokenizer::from_folder(std::filesystem::path(path).parent_path());
}

TEST(TokenizerJson, ReadsTheSmallest) {
  const auto tokenizer = read_json(small_json().dump());
  ASSERT_TRUE(tokenizer.ok()) << to_string(tokenizer.error());
  EXPECT_EQ(encode(*tokenizer, "abba"), (Ids{2, 1, 0}));
}

TEST(TokenizerJson, NamesWhatIsNotSupported) {
  const std::vector<std::pair<std::string, std::string>> breaks = {
      {R"({"model": {"type": "Unigram"}})", "Unigram"},
      {R"({"model": {"byte_fallback": true}})", "byte_fallback"},
      {R"({"normalizer": {"type": "Lowercase"}})", "Lowercase"},
      {R"({"pre_tokenizer": {"type": "Metaspace"}})", "Metaspace"},
      {R"({"pre_tokenizer": {"add_prefix_space": true}})", "add_prefix_space"},
      {R"({"pre_tokenizer": {"type": "Split", "behavior": "Isolated", "pattern": {"Regex": "\\w+"}}})",
       "\\w+"},
      {R"({"decoder": {"type": "WordPiece"}})", "WordPiece"},
      {R"({"added_tokens": [{"id": 5, "content": "<m>", "lstrip": true}]})", "lstrip"},
      {R"({"added_tokens": [{"id": -5, "content": "<m>"}]})", "-5"},
      {R"({"model": {"merges": ["a c"]}})", "a c"},
      {R"({"model": {"vocab": {"a": "x"}}})", "the token 'a' has the id \"x\""},
  };
  for (const auto& [patch, named] : breaks) {
    json content = small_json();
    content.merge_patch(json::parse(patch));
    const auto read = read_json(content.dump());
    ASSERT_FALSE(read.ok()) << patch;
    EXPECT_NE(read.error().message.find(named), std::string::npos) << read.error().message;
    EXPECT_NE(read.error().file.find("tokenizer.json"), std::string::npos);
  }
}

TEST(TokenizerJson, TruncatedFileIsAUserError) {
  const std::string whole = small_json().dump(1);
  for (size_t size = 0; size + 1 < whole.size(); size += 7) {
    const auto read = read_json(whole.substr(0, size));
    ASSERT_FALSE(read.ok());
    EXPECT_EQ(read.error().kind, ErrorKind::user);
  }
  EXPECT_FALSE(Tokenizer::from_folder("no/such/folder").ok());
}

TEST(SavePruned, RefusesASurfaceThatIsAToken) {
  Tokenizer tokenizer = small_tokenizer();
  const int32_t added = tokenizer.extend({"hello"});
  EXPECT_FALSE(tokenizer.save_pruned(::testing::TempDir() + "rexp_clash", Ids{259, added}).ok());
  EXPECT_TRUE(tokenizer.save_pruned(::testing::TempDir() + "rexp_clash", Ids{258, added}).ok());
}

TEST(SavePruned, WritesTheChatTemplate) {
  const Tokenizer tokenizer = small_tokenizer();
  const std::string folder = ::testing::TempDir() + "rexp_chat";
  ASSERT_TRUE(tokenizer.save_pruned(folder, Ids{302, 'a', 301, 300}).ok());
  std::ifstream file(folder + "/tokenizer_config.json");
  const json config = json::parse(file);
  EXPECT_EQ(config.at("eos_token"), "<|im_end|>");
  EXPECT_EQ(config.at("added_tokens_decoder").at("2").at("content"), "<|im_start|>");
  EXPECT_NE(config.at("chat_template").get<std::string>().find("<|im_start|>assistant"),
            std::string::npos);
}

TEST(ChatFormat, FindsItsTokens) {
  const Tokenizer tokenizer = small_tokenizer();
  const auto format = chat_format("qwen3", Think::none, tokenizer);
  ASSERT_TRUE(format.ok());
  EXPECT_EQ(format->turn_start, 301);
  EXPECT_EQ(format->turn_end, 302);
  EXPECT_EQ(format->end_of_text, 300);
  EXPECT_EQ(format->think_open, -1);
  const auto thinking = chat_format("qwen3", Think::empty, tokenizer);
  ASSERT_FALSE(thinking.ok());
  EXPECT_NE(thinking.error().message.find("<think>"), std::string::npos);
  EXPECT_FALSE(chat_format("alpaca", Think::none, tokenizer).ok());
}

// ---- cuts ---------------------------------------------------------------------------------------------------------------

TEST(Cuts, StandWhereNoPieceGoesOn) {
  const auto at = [](std::string_view text) {
    const Cuts cuts = cuts_in(text);
    return std::pair(cuts.first, cuts.last);
  };
  EXPECT_EQ(at("Toy Story (1995)"), std::pair(size_t{3}, size_t{15}));
  EXPECT_EQ(at("玩具总动员"), std::pair(size_t{15}, size_t{15}));
  EXPECT_EQ(at("e\u0301"), std::pair(size_t{3}, size_t{3}));
  EXPECT_TRUE(cut_between("员", "》"));
  EXPECT_FALSE(cut_between("《", "玩"));
  EXPECT_FALSE(cut_between(")", "》"));
  EXPECT_FALSE(cut_between("a\xE4", "!"));
}

TEST(Cuts, HalvesHaveThePiecesOfTheWholeUnderEveryRule) {
  static const std::vector<std::string> kParts = {
      "a",   "B",      "1",  "22",     " ",  "  ",   "\n", "\r\n",  "'",      "'s",
      "'re", "ſ",      "(",  ")",      "《", "》",   "，", "电",    "\u3000", "\u0301",
      "é",   "\u00A0", "가", "\u11A8", "½",  "\xE4", "-",  "\u0338"};
  int cuts = 0;
  for (uint64_t seed = 0; seed < 20000; ++seed) {
    std::string before, after;
    for (uint64_t i = 0; i < 6; ++i) before += kParts[below(seed, i, kParts.size())];
    for (uint64_t i = 6; i < 12; ++i) after += kParts[below(seed, i, kParts.size())];
    if (!cut_between(before, after)) continue;
    ++cuts;
    ASSERT_EQ(nfc(before + after), nfc(before) + nfc(after)) << before << "|" << after;
    for (const auto pattern : {SplitPattern::qwen2, SplitPattern::llama3, SplitPattern::gpt2}) {
      for (const bool digits_apart : {false, true}) {
        const SplitRule rule{pattern, digits_apart};
        Pieces halves = split(nfc(before), rule);
        for (std::string& piece : split(nfc(after), rule)) halves.push_back(std::move(piece));
        ASSERT_EQ(split(nfc(before + after), rule), halves) << before << "|" << after;
      }
    }
  }
  EXPECT_GT(cuts, 3000);
}

}  // namespace
}  // namespace rexp::text
