#include "runtime/codebook/codebook.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>
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

namespace rexp::codebook {
namespace {

namespace fs = std::filesystem;

std::string temporary(const std::string& name) {
  return testing::TempDir() + "rexp_codebook_" + std::to_string(::getpid()) + "_" + name;
}

/// The folder of published data, which is never part of the project; empty where absent.
std::string published_data() {
  const char* set = std::getenv("REXP_SHARED_DATA");
  const std::string folder = set ? set : std::string(REXP_SOURCE_DIR) + "/../shared/data";
  return fs::exists(folder) ? folder : "";
}

data::Dataset from_sequences(const std::string& path) {
  data::LoadOptions options;
  options.source = {{"is", "Files"}, {"format", "sequences"}};
  options.files = {{"sequences", path}};
  Result<data::Loaded> loaded = data::read_dataset(options);
  EXPECT_TRUE(loaded.ok());
  return loaded->dataset;
}

data::Dataset from_text(const std::string& text) {
  const std::string path = temporary("sequences.txt");
  EXPECT_TRUE(store::write_file(path, text).ok());
  data::Dataset dataset = from_sequences(path);
  fs::remove(path);
  return dataset;
}

Codebook small_book() {
  Codebook book;
  book.name = "sid";
  book.level_sizes = {2, 3};
  book.codes = {{0, 0}, {0, 1}, {1, 2}, {0, 0}};
  return book;
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
  const Vectors scores = pca(points, 2, 0);
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

TEST(LearnTest, ExtraLevelOrdersByPopularityAndLeavesRoom) {
  Codebook book = small_book();
  add_extra_level(book, {1, 5, 5, 7});
  EXPECT_TRUE(book.extra_level);
  EXPECT_EQ(book.level_sizes, (std::vector<int32_t>{2, 3, 4}));
  EXPECT_EQ(book.codes,
            (std::vector<std::vector<int32_t>>{{0, 0, 1}, {0, 1, 0}, {1, 2, 0}, {0, 0, 0}}));
}

LearnInput input_of(const data::Dataset& dataset) {
  LearnInput in;
  in.dataset = std::make_shared<const data::Dataset>(dataset);
  in.seed = 7;
  in.note = [](const std::string&) {};
  return in;
}

TEST(LearnTest, NodeArgumentsAndToyTree) {
  const LearnInput in = input_of(from_text("1 1 2 3 4 5\n2 5 4 3 2 1\n"));
  const auto args = nlohmann::json::parse(
      R"({"name": "sid", "learn": {"is": "ToyTree", "levels": [2, 2]}, "clashes": "extra_level", "open": "<", "close": null})");
  Result<Codebook> book = learn_codebook(args, in);
  ASSERT_TRUE(book.ok()) << to_string(book.error());
  EXPECT_EQ(book->level_sizes, (std::vector<int32_t>{2, 2, 4}));
  EXPECT_EQ(std::set(book->codes.begin(), book->codes.end()).size(), 5u);
  EXPECT_EQ(book->open, "<");
  auto wrong = args;
  wrong["surface"] = "<sid>";
  EXPECT_EQ(learn_codebook(wrong, in).error().kind, ErrorKind::user);
  wrong = args;
  wrong["learn"]["levels"] = nlohmann::json::array();
  EXPECT_EQ(learn_codebook(wrong, in).error().kind, ErrorKind::user);
  wrong["learn"] = {{"is", "Guess"}, {"levels", {2}}};
  EXPECT_EQ(learn_codebook(wrong, in).error().kind, ErrorKind::internal);
}

TEST(LearnTest, RandomCodesAreUniformAndTheirSeedDecides) {
  std::string lines;
  for (int user = 0; user < 40; ++user) {
    lines += std::to_string(user);
    for (int i = 0; i < 50; ++i) lines += " " + std::to_string(50 * user + i);
    lines += "\n";
  }
  LearnInput in = input_of(from_text(lines));
  auto args = nlohmann::json::parse(
      R"({"name": "sid", "learn": {"is": "RandomCodes", "levels": [8, 4], "seed": 3}, "clashes": "share"})");
  const Result<Codebook> book = learn_codebook(args, in);
  ASSERT_TRUE(book.ok()) << to_string(book.error());
  std::vector<int> counts(32);
  for (const auto& codes : book->codes) ++counts[codes[0] * 4 + codes[1]];
  for (const int count : counts) EXPECT_NEAR(count, 2000 / 32.0, 35);
  in.seed = 8;
  EXPECT_EQ(learn_codebook(args, in)->codes, book->codes) << "its own seed, not the node's";
  args["learn"]["seed"] = 4;
  EXPECT_NE(learn_codebook(args, in)->codes, book->codes);
  args["clashes"] = "extra_level";
  const Result<Codebook> apart = learn_codebook(args, in);
  EXPECT_EQ(std::set(apart->codes.begin(), apart->codes.end()).size(), 2000u);
}

TEST(LearnTest, TextFeaturesBringLikeTextsTogether) {
  const std::vector<std::string> texts = {"silent lighthouse mystery",
                                          "silent train mystery",
                                          "little bear animation",
                                          "little elf animation",
                                          "沉默的灯塔 悬疑",
                                          "沉默的列车 悬疑",
                                          ""};
  const Vectors v = text_features(texts, 4, 3);
  const auto cosine = [&](int a, int b) {
    double ab = 0, aa = 0, bb = 0;
    for (int d = 0; d < 4; ++d) {
      ab += v.row(a)[d] * v.row(b)[d];
      aa += v.row(a)[d] * v.row(a)[d];
      bb += v.row(b)[d] * v.row(b)[d];
    }
    return ab / std::sqrt(aa * bb);
  };
  for (const auto& [a, b] : {std::pair(0, 1), std::pair(2, 3), std::pair(4, 5)}) {
    EXPECT_GT(cosine(a, b), cosine(a, (b + 1) % 6) + 0.3);
    EXPECT_GT(cosine(a, b), cosine(a, (b + 3) % 6) + 0.3);
  }
  EXPECT_NE(v.row(6)[0], 0) << "a text without words gets noise";
}

TEST(LearnTest, VectorsAreReadFromTrainOnly) {
  const data::Dataset a = from_text("1 1 2 3 1 2\n2 2 3 4 5 6\n"),
                      b = from_text("1 1 2 3 6 6\n2 2 3 4 1 5\n");
  EXPECT_EQ(ppmi_svd(a, {.size = 3}).values, ppmi_svd(b, {.size = 3}).values);
  const std::string path = temporary("vectors.bin");
  const Vectors v = ppmi_svd(a, {.size = 3});
  ASSERT_TRUE(save(v, path).ok());
  EXPECT_EQ(load_vectors(path)->values, v.values);
  ASSERT_TRUE(store::write_file(path, store::read_file(path)->substr(0, 60)).ok());
  EXPECT_FALSE(load_vectors(path).ok());
  fs::remove(path);
}

TEST(LearnTest, MovieLensCodebook) {
  const std::string folder =
      std::string(REXP_DEPS_DIR) + "/py/recbole/dataset_example/ml-100k/ml-100k";
  if (!fs::exists(folder + ".inter"))
    GTEST_SKIP() << "no ml-100k: the recbole wheel was not set up";
  data::LoadOptions options;
  options.source = {{"is", "Files"}, {"format", "recbole"}};
  options.files = {{"inter", folder + ".inter"}, {"item", folder + ".item"}};
  options.rename = {{"category", "class"}};
  options.columns = {{.name = "category", .kind = data::ColumnKind::text_list, .fallback = {}}};
  const data::Dataset dataset = data::read_dataset(options)->dataset;
  std::vector<std::string> notes;
  LearnInput in = input_of(dataset);
  in.note = [&](std::string note) { notes.push_back(std::move(note)); };
  Result<Vectors> vectors =
      learn_vectors(nlohmann::json::parse(R"({"is": "ppmi_svd", "size": 48, "window": 5})"), in);
  ASSERT_TRUE(vectors.ok());
  in.vectors = [&](int64_t) { return vectors; };
  Result<Codebook> book = learn_codebook(
      nlohmann::json::parse(
          R"({"name": "sid", "learn": {"is": "ResidualKMeans", "vectors": {"input": 1}, "levels": [64, 64, 64]}, "clashes": "extra_level"})"),
      in);
  ASSERT_TRUE(book.ok());
  EXPECT_EQ(std::set(book->codes.begin(), book->codes.end()).size(), 1682u)
      << "the extra level tells all apart";
  const SidReport report = measure(*book, &dataset, {dataset.items.find("category"), &*vectors, 7});
  RecordProperty("report", to_json(report).dump());  // --gtest_output=json:file shows it
  ASSERT_EQ(notes.size(), 1u);
  EXPECT_NE(notes[0].find("4 of 1682 items have no neighbour in train"), std::string::npos);
  EXPECT_LT(report.collision_rate, 0.3);
  EXPECT_GT(*report.levels[0].lift, 2.5);
  EXPECT_GT(*report.levels[0].purity, *report.levels[0].purity_shuffled);
  EXPECT_GT(*report.levels[2].explained_variance, *report.levels[0].explained_variance);
}

}  // namespace
}  // namespace rexp::codebook
