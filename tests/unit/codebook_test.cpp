#include "runtime/codebook/codebook.h"
#include "runtime/base/json.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <set>

#include "runtime/base/random.h"
#include "runtime/codebook/index_file.h"
#include "runtime/codebook/item_vectors.h"
#include "runtime/codebook/k_means.h"
#include "runtime/codebook/learn.h"
#include "runtime/codebook/sid_metrics.h"
#include "runtime/codebook/spectral.h"
#include "runtime/data/load.h"
#include "runtime/store/file.h"
#include "tests/unit/codebook_data.h"

namespace rexp::codebook {
namespace {

namespace fs = std::filesystem;

/// The folder of published data, which is never part of the project; empty where absent.
std::string published_data() {
  const char* set = std::getenv("REXP_SHARED_DATA");
  const std::string folder = set ? set : std::string(REXP_SOURCE_DIR) + "/../shared/data";
  return fs::exists(folder) ? folder : "";
}

TEST(CodebookTest, OffsetsTokensAndHash) {
  Codebook book = small_book();
  book.open = "<|sid_start|>";
  book.close = "<|sid_end|>";
  EXPECT_EQ(book.level_offset(0), 0);
  EXPECT_EQ(book.level_offset(1), 2);
  EXPECT_EQ(book.flat_count(), 5);
  EXPECT_EQ(book.tokens(),
            (std::vector<std::string>{"<|sid_0|>", "<|sid_1|>", "<|sid_2|>", "<|sid_3|>",
                                      "<|sid_4|>", "<|sid_start|>", "<|sid_end|>"}));
  const std::string hash = book.hash();
  EXPECT_EQ(hash.size(), 32u);
  Codebook other = book;
  other.name = "another";
  EXPECT_EQ(other.hash(), hash);
  other.codes[3][1] = 2;
  EXPECT_NE(other.hash(), hash);
  other = book;
  other.close.reset();
  EXPECT_NE(other.hash(), hash);
}

TEST(CodebookTest, SaveAndLoad) {
  const std::string path = temporary("codebook.json");
  Codebook book = small_book();
  book.open = "«";
  ASSERT_TRUE(save(book, path).ok());
  Result<Codebook> read = load_codebook(path);
  ASSERT_TRUE(read.ok()) << to_string(read.error());
  EXPECT_EQ(read->hash(), book.hash());
  EXPECT_EQ(read->name, "sid");
  EXPECT_EQ(read->open, book.open);
  EXPECT_FALSE(read->close.has_value());
  std::string text = *store::read_file(path);
  ASSERT_TRUE(store::write_file(path, text.substr(0, text.size() / 2)).ok());
  EXPECT_FALSE(load_codebook(path).ok());
  text.replace(text.find("[1,2]"), 5, "[1,1]");
  ASSERT_TRUE(store::write_file(path, text).ok());
  EXPECT_NE(to_string(load_codebook(path).error()).find("hash"), std::string::npos);
  text.replace(text.find("[1,1]"), 5, "[1,9]");
  ASSERT_TRUE(store::write_file(path, text).ok());
  EXPECT_NE(to_string(load_codebook(path).error()).find("code 9 on level 2"), std::string::npos);
  fs::remove(path);
}

TEST(SidMetricsTest, HandNumbers) {
  const data::Dataset dataset = from_text("1 1 2 3 9 9\n2 1 4 9 9\n3 9 9 9\n");  // items 1 2 3 4 9
  Codebook book;
  book.level_sizes = {2, 2};
  book.codes = {{0, 0}, {0, 0}, {1, 0}, {1, 1}, {1, 0}};
  const SidReport report = measure(book, &dataset);
  EXPECT_EQ(report.items, 5);
  EXPECT_NEAR(report.collision_rate, 1 - 3.0 / 5, 1e-12);
  EXPECT_NEAR(report.share_in_collisions, 4.0 / 5, 1e-12);
  EXPECT_EQ(report.max_group, 2);
  const double h1 = -(0.4 * std::log(0.4) + 0.6 * std::log(0.6));
  EXPECT_NEAR(report.levels[0].perplexity, std::exp(h1), 1e-12);
  EXPECT_NEAR(report.levels[1].conditional_entropy,
              0.6 * -(2.0 / 3 * std::log(2.0 / 3) + 1.0 / 3 * std::log(1.0 / 3)), 1e-12);
  EXPECT_EQ(report.levels[1].prefixes, 3);
  EXPECT_NEAR(report.levels[0].gini, 0.1, 1e-12);  // loads 2 and 3
  // Train: 1 2 3 | 1 4 | 9, so prefixes 0 0 1 | 0 1 | 1; one of three neighbours alike, chance
  // (3/6)^2 + (3/6)^2.
  EXPECT_NEAR(*report.levels[0].lift, (1.0 / 3) / 0.5, 1e-12);
}

TEST(SidMetricsTest, LabelsAndVectors) {
  Codebook book;
  book.level_sizes = {2, 2};
  book.codes = {{0, 0}, {0, 1}, {1, 0}, {1, 1}};
  book.extra_level = false;
  data::Column labels;
  labels.kind = data::ColumnKind::text_list;
  labels.text_offsets = {0};
  labels.list_offsets = {0};
  for (const std::vector<std::string>& list :
       std::vector<std::vector<std::string>>{{"a", "b"}, {"a"}, {"c"}, {"a", "c"}}) {
    for (const std::string& value : list) labels.push_text(value);
    labels.list_offsets.push_back(static_cast<int64_t>(labels.text_offsets.size()) - 1);
  }
  const Vectors vectors{4, 1, {0, 2, 10, 12}};
  const SidReport report = measure(book, nullptr, {&labels, &vectors, 1});
  EXPECT_NEAR(*report.levels[0].purity, 3.0 / 4, 1e-12);  // labels a a c a
  EXPECT_NEAR(*report.levels[0].jaccard, 0.5, 1e-12);
  EXPECT_FALSE(report.levels[1].jaccard.has_value()) << "no two items share their whole id";
  EXPECT_NEAR(*report.levels[1].purity_shuffled, 1, 1e-12);
  EXPECT_NEAR(*report.levels[0].explained_variance, 1 - 4.0 / 104, 1e-12);
  EXPECT_NEAR(*report.levels[1].explained_variance, 1, 1e-12);
  EXPECT_FALSE(report.levels[0].lift.has_value());
  EXPECT_EQ(to_json(report)["levels"].size(), 2u);
}

TEST(IndexFileTest, DialectsAndErrors) {
  const std::string path = temporary("index.json");
  const data::Dataset dataset = from_text("1 1 2 3\n");
  ASSERT_TRUE(
      store::write_file(path, R"({"0": ["<a_1>", "<s_b_20>"], "1": [3, 4], "2": ["<a_0>", "7"]})")
          .ok());
  Result<IndexFile> index = read_index_file(path);
  ASSERT_TRUE(index.ok());
  EXPECT_EQ(index->level_sizes, (std::vector<int32_t>{4, 21}));
  EXPECT_TRUE(index->level_surfaces.empty()) << "not spelt alike";
  Result<Codebook> book = from_index_file(*index, dataset, 1);
  ASSERT_TRUE(book.ok());
  EXPECT_EQ(book->codes, (std::vector<std::vector<int32_t>>{{1, 20}, {3, 4}, {0, 7}}));
  EXPECT_NE(
      to_string(from_index_file(*index, dataset, 0).error()).find("no semantic id for item `3`"),
      std::string::npos);
  ASSERT_TRUE(store::write_file(path, R"({"0": ["<a>"]})").ok());
  EXPECT_FALSE(read_index_file(path).ok());
  ASSERT_TRUE(store::write_file(path, R"({"0": [1], "1": [1, 2]})").ok());
  EXPECT_FALSE(read_index_file(path).ok());
  fs::remove(path);
}

TEST(IndexFileTest, TokensKeepTheirSurface) {
  const std::string path = temporary("index.json");
  const std::string text = R"({"1":["<a_1>","<b_2>"],"2":["<a_0>","<b_0>"],"3":["<a_1>","<b_0>"]})";
  ASSERT_TRUE(store::write_file(path, text).ok());
  Result<Codebook> book = from_index_file(*read_index_file(path), from_text("1 1 2 3\n"));
  ASSERT_TRUE(book.ok());
  EXPECT_EQ(book->level_surfaces, (std::vector<std::string>{"<a_{}>", "<b_{}>"}));
  EXPECT_EQ(book->tokens(),
            (std::vector<std::string>{"<a_0>", "<a_1>", "<b_0>", "<b_1>", "<b_2>"}));
  EXPECT_EQ(book->used(), (std::vector<bool>{true, true, true, false, true}));
  const std::string kept = book->hash();
  book->items = {"1", "2", "3"};
  EXPECT_EQ(index_text(*book), text + "\n") << "and back";
  EXPECT_EQ(book->hash(), kept) << "what items are called is not hashed";
  const std::string saved = temporary("codebook.json");
  ASSERT_TRUE(save(*book, saved).ok());
  const Result<Codebook> again = load_codebook(saved);
  ASSERT_TRUE(again.ok()) << to_string(again.error());
  EXPECT_EQ(again->tokens(), book->tokens());
  EXPECT_EQ(again->items, book->items);
  book->level_surfaces.clear();
  EXPECT_NE(book->hash(), kept) << "other tokens are another codebook";
  for (const char* plain : {R"({"1": [1, 2]})", R"({"1": ["1", "2"]})", R"({"1": ["c1", "c2"]})"}) {
    ASSERT_TRUE(store::write_file(path, plain).ok());
    EXPECT_TRUE(read_index_file(path)->level_surfaces.empty()) << plain;
  }
  fs::remove(path);
  fs::remove(saved);
}

TEST(IndexFileTest, WhatIsNoCodeIsRefusedByItem) {
  const std::string path = temporary("index.json");
  const auto failure = [&](const std::string& text) {
    EXPECT_TRUE(store::write_file(path, text).ok());
    const Result<IndexFile> index = read_index_file(path);
    return index.ok() ? "" : to_string(index.error());
  };
  const auto says = [&](const std::string& text, const std::string& words) {
    const std::string message = failure(text);
    return message.find(path) != std::string::npos && message.find(words) != std::string::npos
               ? testing::AssertionSuccess()
               : testing::AssertionFailure() << text.substr(0, 80) << ": " << message;
  };
  EXPECT_TRUE(says(R"({"0": []})", "item `0` has no list of codes"));
  EXPECT_TRUE(says(R"({"0": {"a": 1}})", "item `0` has no list of codes"));
  EXPECT_TRUE(says(R"({"0": [1], "1": 3})", "item `1` has no list of codes"));
  for (const char* code : {"2147483647", "2147483648", "18446744073709551615", "-1", "1.5",
                           "\"<a_2147483647>\"", "\"<a_99999999999999999999>\"", "null"})
    EXPECT_TRUE(says("{\"0\": [1, " + std::string(code) + "]}", "item `0` has the code")) << code;
  EXPECT_EQ(failure(R"({"0": [1000000]})"), "");
  EXPECT_TRUE(says(R"({"0": [1000000, 1000000]})", "the levels have 2000002 codes"));
  EXPECT_TRUE(says("[1, 2]", "not an index"));
  EXPECT_TRUE(says("{\"0\": " + std::string(100'000, '[') + std::string(100'000, ']') + "}",
                   "more than 200 levels deep"));
  fs::remove(path);
}

TEST(CodebookTest, AFileThatIsWholeAndWrongDoesNotLoad) {
  const std::string path = temporary("codebook.json");
  Codebook book;
  book.name = "sid";
  book.level_sizes = {2, 2};
  book.codes = {{0, 1}, {1, 0}};
  const auto loads = [&](const Codebook& wrong) {
    EXPECT_TRUE(save(wrong, path).ok());
    const Result<Codebook> read = load_codebook(path);
    EXPECT_TRUE(read.ok() || read.error().kind == ErrorKind::user);
    return read.ok();
  };
  EXPECT_TRUE(loads(book));
  Codebook wrong = book;
  wrong.level_sizes = {2'000'000'000, 2'000'000'000};
  EXPECT_FALSE(loads(wrong));
  wrong.level_sizes = {2, -2};
  EXPECT_FALSE(loads(wrong));
  wrong = book;
  wrong.codes[1][0] = -1;
  EXPECT_FALSE(loads(wrong));
  EXPECT_TRUE(store::write_file(path, "{}").ok());
  EXPECT_FALSE(load_codebook(path).ok());
  ASSERT_TRUE(store::write_file(path, std::string(100'000, '[')).ok());
  EXPECT_FALSE(load_codebook(path).ok());
  fs::remove(path);
}

struct Oracle {
  double collision;
  int32_t used;
  std::vector<double> perplexity;
  std::vector<int64_t> prefixes;
  std::vector<double> entropy;
  std::vector<double> lift;
};

void expect_matches(const SidReport& report, const Oracle& oracle) {
  EXPECT_NEAR(report.collision_rate, oracle.collision, 5.01e-5);
  EXPECT_EQ(report.levels[0].used, oracle.used);
  for (size_t l = 0; l < oracle.perplexity.size(); ++l)
    EXPECT_NEAR(report.levels[l].perplexity, oracle.perplexity[l], 0.0501) << l;
  for (size_t l = 0; l < oracle.prefixes.size(); ++l)
    EXPECT_EQ(report.levels[l].prefixes, oracle.prefixes[l]) << l;
  for (size_t l = 0; l < oracle.entropy.size(); ++l)
    EXPECT_NEAR(report.levels[l].conditional_entropy, oracle.entropy[l], 5.01e-4) << l;
  for (size_t l = 0; l < oracle.lift.size(); ++l)
    EXPECT_NEAR(*report.levels[l].lift, oracle.lift[l], 0.0501) << l;
}

/// Numbers counted independently from the files of LETTER and of a public TIGER project.
TEST(PublishedIndexTest, LetterBeauty) {
  const std::string folder = published_data() + "/beauty";
  if (!fs::exists(folder + "/letter.index.json"))
    GTEST_SKIP() << "no published data (REXP_SHARED_DATA)";
  const data::Dataset dataset = from_sequences(folder + "/sequences.txt");
  Result<IndexFile> index = read_index_file(folder + "/letter.index.json");
  ASSERT_TRUE(index.ok());
  Result<Codebook> book = from_index_file(*index, dataset, /*shift=*/1);
  ASSERT_TRUE(book.ok()) << to_string(book.error());
  expect_matches(measure(*book, &dataset), {.0011,
                                            197,
                                            {82.7, 248.6, 247.6, 246.6},
                                            {197, 7931, 11696},
                                            {4.415, 4.340, .586, .059},
                                            {6.2, 30.5, 28.2}});
}

TEST(PublishedIndexTest, TigerBeauty) {
  const std::string folder = published_data() + "/beauty";
  if (!fs::exists(folder + "/inter.json")) GTEST_SKIP() << "no published data (REXP_SHARED_DATA)";
  std::string lines;
  const auto histories = nlohmann::json::parse(*store::read_file(folder + "/inter.json"));
  for (const auto& [user, items] : histories.items()) {
    lines += user;
    for (const auto& item : items) lines += " " + item.dump();
    lines += "\n";
  }
  const data::Dataset dataset = from_text(lines);
  const auto report = [&](const std::string& name) {
    Result<IndexFile> index = read_index_file(folder + "/" + name);
    return measure(*from_index_file(*index, dataset), &dataset);
  };
  expect_matches(report("index_rqvae.json"), {0,
                                              256,
                                              {212.8, 181.8, 176.9, 253.7},
                                              {256, 7373, 11412},
                                              {5.360, 3.325, .624, .091},
                                              {5.8, 10.5, 4.2}});
  expect_matches(report("index_rqkmeans.json"), {0,
                                                 256,
                                                 {85.1, 62.8, 42.1, 252.8},
                                                 {256, 3692, 7840},
                                                 {4.444, 2.910, 1.258, .789},
                                                 {3.9, 7.2, 11.8}});
}

TEST(SpectralTest, FindsTheLargestEigenvalues) {
  // diag(9, -4, 1, 0.25, 0, ..): the embedding's columns have lengths 3, 2, 1.
  const std::vector<double> diagonal = {1, 0.25, 9, 0, -4, 0, 0, 0};
  const Vectors v = spectral_embedding(8, 3, 1, [&](const Matrix& q) {
    Matrix out = q;
    for (int64_t i = 0; i < 8; ++i) {
      for (int64_t c = 0; c < q.columns; ++c) out.row(i)[c] *= diagonal[i];
    }
    return out;
  });
  EXPECT_NEAR(v.row(2)[0], 3, 1e-5);
  EXPECT_NEAR(v.row(4)[1], 2, 1e-5);
  EXPECT_NEAR(v.row(0)[2], 1, 1e-5);
  EXPECT_NEAR(v.row(2)[1], 0, 1e-5);
}

TEST(SpectralTest, PcaKeepsDistancesOfALine) {
  Vectors points{5, 3, {}};
  for (int i = 0; i < 5; ++i)
    points.values.insert(points.values.end(), {1.0f + 3 * i, 2.0f, 5.0f + 4 * i});
  const Vectors scores = pca(points, 2, 0).of(points);
  for (int i = 0; i + 1 < 5; ++i) {
    EXPECT_NEAR(std::abs(scores.row(i + 1)[0] - scores.row(i)[0]), 5, 1e-4);
    EXPECT_NEAR(scores.row(i)[1], 0, 1e-4);
  }
}

TEST(KMeansTest, FindsSeparateBlobsAndUsesEveryCluster) {
  Vectors points{300, 2, {}};
  for (uint64_t i = 0; i < 300; ++i) {
    const float centre = static_cast<float>(i % 3) * 10;
    points.values.insert(points.values.end(), {centre + static_cast<float>(uniform(1, 2 * i)),
                                               centre - static_cast<float>(uniform(1, 2 * i + 1))});
  }
  const Clusters three = k_means(points, 3, {});
  for (int i = 3; i < 300; ++i) EXPECT_EQ(three.of[i], three.of[i % 3]);
  const Clusters many = k_means(points, 64, {});
  EXPECT_EQ(std::set<int32_t>(many.of.begin(), many.of.end()).size(), 64u);
  EXPECT_EQ(k_means(points, 64, {}).of, many.of);
  Vectors same{10, 2, std::vector<float>(20, 1.0f)};
  EXPECT_EQ(k_means(same, 4, {}).of, std::vector<int32_t>(10, 0))
      << "fewer distinct vectors than clusters";
}

}  // namespace
}  // namespace rexp::codebook
