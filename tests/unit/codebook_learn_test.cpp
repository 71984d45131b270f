#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <set>

#include "runtime/base/json.h"
#include "runtime/base/random.h"
#include "runtime/codebook/codebook.h"
#include "runtime/codebook/extend.h"
#include "runtime/codebook/item_vectors.h"
#include "runtime/codebook/learn.h"
#include "runtime/codebook/sid_metrics.h"
#include "tests/support/ml_100k.h"
#include "tests/unit/codebook_data.h"

namespace rexp::codebook {
namespace {

namespace fs = std::filesystem;

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
  Result<Learnt> learnt = learn_codebook(args, in);
  ASSERT_TRUE(learnt.ok()) << to_string(learnt.error());
  const Codebook* book = &learnt->book;
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
  const auto learn = [&] {
    Result<Learnt> learnt = learn_codebook(args, in);
    EXPECT_TRUE(learnt.ok()) << to_string(learnt.error());
    return learnt->book.codes;
  };
  const std::vector<std::vector<int32_t>> drawn = learn();
  std::vector<int> counts(32);
  for (const auto& codes : drawn) ++counts[codes[0] * 4 + codes[1]];
  for (const int count : counts) EXPECT_NEAR(count, 2000 / 32.0, 35);
  in.seed = 8;
  EXPECT_EQ(learn(), drawn) << "its own seed, not the node's";
  args["learn"]["seed"] = 4;
  EXPECT_NE(learn(), drawn);
  args["clashes"] = "extra_level";
  const std::vector<std::vector<int32_t>> apart = learn();
  EXPECT_EQ(std::set(apart.begin(), apart.end()).size(), 2000u);
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

/// One number per item, two levels: tens, then ones.
Quantiser digits() {
  Quantiser quantiser;
  quantiser.centroids = {{2, 1, {0, 10}}, {3, 1, {0, 1, 2}}};
  return quantiser;
}

Codebook digits_book() {
  Codebook book;
  book.name = "sid";
  book.level_sizes = {2, 3, 4};
  book.extra_level = true;
  book.codes = {{0, 1, 0}, {0, 1, 2}, {1, 2, 0}};  // place 1 of the first two has been given up
  return book;
}

TEST(ExtendTest, OldItemsKeepTheirCodesAndNewOnesComeBehind) {
  // old items 2 and 0 in another order, item 1 is gone; the vectors of old items are not looked at
  const Vectors vectors{5, 1, {99, 1.1f, 99, 12.2f, 10}};
  const Result<Codebook> book = extend(digits_book(), digits(), vectors, {2, -1, 0, -1, -1});
  ASSERT_TRUE(book.ok()) << to_string(book.error());
  EXPECT_EQ(book->codes, (std::vector<std::vector<int32_t>>{
                             {1, 2, 0}, {0, 1, 3}, {0, 1, 0}, {1, 2, 1}, {1, 0, 0}}));
  EXPECT_EQ(book->level_sizes, digits_book().level_sizes);
  EXPECT_EQ(book->tokens(), digits_book().tokens());
}

TEST(ExtendTest, SharedCodesNeedNoPlace) {
  Codebook shared = digits_book();
  shared.extra_level = false;
  shared.level_sizes = {2, 3};
  shared.codes = {{0, 1}, {0, 1}};
  const Result<Codebook> book = extend(shared, digits(), {3, 1, {1, 1, 1}}, {0, 1, -1});
  ASSERT_TRUE(book.ok()) << to_string(book.error());
  EXPECT_EQ(book->codes.back(), (std::vector<int32_t>{0, 1}));
}

TEST(ExtendTest, SaysWhatDoesNotFit) {
  const Vectors two_more{2, 1, {1, 1}};
  EXPECT_NE(extend(digits_book(), digits(), two_more, {-1, -1}).error().message.find("4 places"),
            std::string::npos);
  EXPECT_EQ(extend(digits_book(), digits(), {1, 2, {1, 1}}, {-1}).error().kind, ErrorKind::user);
  Quantiser other = digits();
  other.centroids.pop_back();
  EXPECT_EQ(extend(digits_book(), other, {1, 1, {1}}, {-1}).error().kind, ErrorKind::user);
}

/// `digits_book` of items 1, 2, 9 as another node stored it, for a catalogue 1 2 3 4 5 whose vectors are given.
LearnInput grown(const std::vector<float>& vectors) {
  LearnInput in = input_of(from_text("1 1 2 3 4 5\n2 5 4 3 2 1\n"));
  in.codebook = [](int64_t) -> Result<StoredBook> {
    Codebook book = digits_book();
    book.items = {"1", "2", "9"};
    return StoredBook{std::move(book), digits()};
  };
  in.vectors = [vectors](int64_t) -> Result<Vectors> { return Vectors{5, 1, vectors}; };
  in.note = [](const std::string&) {};
  return in;
}

nlohmann::json extension(const char* clashes) {
  return {{"name", "grown"},
          {"clashes", clashes},
          {"learn", {{"is", "Extended"}, {"of", {{"input", 1}}}, {"vectors", {{"input", 2}}}}}};
}

TEST(ExtendedTest, ItemsAreKnownByTheirIds) {
  std::string note;
  LearnInput in = grown({1, 1, 11, 1.2f, 12});
  in.note = [&](const std::string& text) { note = text; };
  const Result<Learnt> learnt = learn_codebook(extension("extra_level"), in);
  ASSERT_TRUE(learnt.ok()) << to_string(learnt.error());
  EXPECT_EQ(learnt->book.codes, (std::vector<std::vector<int32_t>>{
                                    {0, 1, 0}, {0, 1, 2}, {1, 1, 0}, {0, 1, 3}, {1, 2, 1}}));
  EXPECT_EQ(learnt->book.level_sizes, digits_book().level_sizes);
  EXPECT_TRUE(learnt->book.extra_level);
  EXPECT_TRUE(learnt->quantiser) << "it can be extended again";
  EXPECT_EQ(learnt->book.extends, std::vector<std::string>{digits_book().hash()});
  EXPECT_EQ(note,
            "2 items keep their codes, the vectors give 2 of them their first code again; 3 items "
            "are new");
}

TEST(ExtendedTest, NewItemsAreReassignedAroundTheOldOnes) {
  std::vector<std::string> notes;
  LearnInput in = grown({1, 2, 1, 1.2f, 12});
  in.note = [&](const std::string& text) { notes.push_back(text); };
  in.codebook = [](int64_t) -> Result<StoredBook> {
    Codebook book = digits_book();
    book.extra_level = false;
    book.level_sizes = {2, 3};
    book.codes = {{0, 1}, {0, 2}, {1, 2}};
    book.items = {"1", "2", "9"};
    return StoredBook{std::move(book), digits()};
  };
  const Result<Learnt> learnt = learn_codebook(extension("reassign"), in);
  ASSERT_TRUE(learnt.ok()) << to_string(learnt.error());
  EXPECT_EQ(learnt->book.codes,
            (std::vector<std::vector<int32_t>>{{0, 1}, {0, 2}, {0, 0}, {1, 0}, {1, 1}}));
  EXPECT_FALSE(learnt->book.extra_level);
  EXPECT_EQ(notes.back(), "3 items have other codes than the nearest, so that each has its own");
}

TEST(LearnTest, NobodyIsReassignedWithoutVectors) {
  const LearnInput in = input_of(from_text("1 1 2 3\n2 3 2 1\n"));
  const auto args = nlohmann::json::parse(
      R"({"name": "sid", "learn": {"is": "ToyTree", "levels": [2, 2]}, "clashes": "reassign"})");
  EXPECT_EQ(learn_codebook(args, in).error().kind, ErrorKind::user);
}

TEST(ExtendedTest, SaysWhatCannotBeExtended) {
  const auto error = [](const LearnInput& in, const char* clashes = "extra_level") {
    const Result<Learnt> learnt = learn_codebook(extension(clashes), in);
    EXPECT_FALSE(learnt.ok());
    return learnt.ok() ? "" : learnt.error().message;
  };
  EXPECT_EQ(error(grown({11, 11, 11, 1, 12})),
            "the vectors give only 0 of 2 items the first code that codebook `sid` has for them: "
            "they are not those that it was learnt on");
  EXPECT_EQ(error(grown({1, 1, 11, 1, 12}), "share"),
            "codebook `grown` and the one that it extends differ in `clashes`");
  LearnInput by_hand = grown({1, 1, 11, 1, 12});
  by_hand.codebook = [](int64_t) -> Result<StoredBook> { return StoredBook{digits_book(), {}}; };
  EXPECT_EQ(error(by_hand),
            "codebook `sid` was not learnt on vectors, so it has no codes for new items");
}

TEST(LearnTest, MovieLensCodebook) {
  if (!data::has_ml_100k()) GTEST_SKIP() << data::kNoMl100k;
  data::LoadOptions options = data::ml_100k();
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
  Result<Learnt> learnt = learn_codebook(
      nlohmann::json::parse(
          R"({"name": "sid", "learn": {"is": "ResidualKMeans", "vectors": {"input": 1}, "levels": [64, 64, 64]}, "clashes": "extra_level"})"),
      in);
  ASSERT_TRUE(learnt.ok());
  const Codebook* book = &learnt->book;
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
