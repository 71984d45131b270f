// Sequential recommenders as the `baseline` node makes them: they learn, stop, continue and answer.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "runtime/sequential/sequential_step.h"
#include "runtime/train/progress.h"
#include "tests/unit/baseline_fit.h"

namespace rexp::sequential {
namespace {

using baseline::fitted;
using baseline::History;
using baseline::scores_after;
using baseline::TestFit;
using nlohmann::json;

constexpr int kItems = 12;

/// Users who count upwards from different items, round and round. Item 12 is met once, in a test event.
data::Dataset counting(int users = 40, int events = 11) {
  std::string lines;
  for (int u = 0; u < users; ++u) {
    lines += "u" + std::to_string(u);
    for (int e = 0; e < events; ++e) lines += " " + std::to_string((u * 5 + e) % kItems);
    lines += u == 0 ? " 12\n" : " " + std::to_string((u * 5 + events) % kItems) + "\n";
  }
  return baseline::from_lines(lines);
}

json small(const std::string& network, int64_t epochs, const json& loss) {
  return {{"recipe",
           {{"is", network},
            {"width", 16},
            {"inner", 32},
            {"positions", 6},
            {"dropout", 0.1},
            {"length", epochs},
            {"batch", 16},
            {"optimizer", {{"is", "AdamW"}, {"lr", 0.01}, {"decay", 0}, {"clip", 0}}},
            {"loss", loss}}},
          {"seed", 7},
          {"train", {{"input", 0}, {"part", "train"}}}};
}
const json kFull = {{"is", "FullSoftmax"}};

/// The item with the highest score, the lower of equals.
int64_t best(const std::vector<double>& scores) {
  return std::max_element(scores.begin(), scores.end()) - scores.begin();
}

void expect_counts(const baseline::Scorer& scorer) {
  for (int first = 0; first < kItems; ++first) {
    const History history = {first, (first + 1) % kItems, (first + 2) % kItems};
    EXPECT_EQ(best(scores_after(scorer, history)), (first + 3) % kItems) << first;
  }
}

TEST(SequentialTraining, SasrecLearnsWhatComesNextByEachLoss) {
  const data::Dataset films = counting();
  expect_counts(*fitted("sasrec", films, small("SASRec", 25, kFull)));
  const json sampled = {{"is", "SampledSoftmax"}, {"negatives", 4}};
  expect_counts(*fitted("sasrec", films, small("SASRec", 25, sampled)));
  const json binary = {{"is", "BinaryCrossEntropy"}};
  expect_counts(*fitted("sasrec", films, small("SASRec", 40, binary)));
}

TEST(SequentialTraining, SasrecLearnsFromPrefixes) {
  const data::Dataset films = counting();
  json args = small("SASRec", 8, kFull);
  args["recipe"]["learns"] = "prefixes";
  args["recipe"]["norm"] = "after";
  expect_counts(*fitted("sasrec", films, args));
}

TEST(SequentialTraining, BertLearnsWhatComesNext) {
  const data::Dataset films = counting();
  json args = small("BERT4Rec", 30, kFull);
  args["recipe"]["learns"] = "prefixes";
  expect_counts(*fitted("bert4rec", films, args));
}

TEST(SequentialTraining, AnswersAnyHistory) {
  const data::Dataset films = counting();
  const auto scorer = fitted("sasrec", films, small("SASRec", 10, kFull));
  const auto scores = [&](const History& history) { return scores_after(*scorer, history); };
  EXPECT_EQ(scores({}), std::vector<double>(kItems + 1, 0.0)) << "nothing is known";
  EXPECT_EQ(scores({9, 9, 9, 1, 2, 3, 4, 5, 6}), scores({1, 2, 3, 4, 5, 6})) << "the newest items";
  const std::vector<double> after = scores({1, 2, 3});
  EXPECT_TRUE(std::isfinite(after[kItems])) << "an item that train has not met has a score";
  EXPECT_LT(after[kItems], after[4]) << "and is not the answer";
  const std::vector<History> together = {{1, 2, 3}, {}, {4}};
  const std::vector<double> all = scorer->scores(together);
  ASSERT_EQ(all.size(), 3u * (kItems + 1));
  for (size_t i = 0; i <= kItems; ++i) {
    EXPECT_NEAR(all[i], after[i], 1e-5);
    EXPECT_EQ(all[kItems + 1 + i], 0);
  }
}

/// Stops the training that it watches once, after so many steps.
class StopAt : public train::Progress {
 public:
  StopAt(int64_t step, std::atomic<bool>* stop) : step_(step), stop_(stop) {}
  void update(const train::ProgressState& state) override {
    if (state.step == step_) *stop_ = true;
  }
  void done() override {}

 private:
  int64_t step_;
  std::atomic<bool>* stop_;
};

std::string bytes(const TestFit& fit, const char* file) {
  const auto text = store::read_file(fit.file(file));
  EXPECT_TRUE(text.ok());
  return text.ok() ? *text : "";
}

TEST(SequentialTraining, InterruptedIsUninterruptedByteForByte) {
  const data::Dataset films = counting();
  for (const auto& [is, network] : {std::pair{"sasrec", "SASRec"}, {"bert4rec", "BERT4Rec"}}) {
    json args = small(network, 6, {{"is", "SampledSoftmax"}, {"negatives", 3}});
    args["is"] = is;
    args["valid"] = {{"input", 0}, {"part", "valid"}};
    TestFit whole(films), cut(films);
    ASSERT_TRUE(whole.fit(args).ok());
    for (const int64_t step : {2, 11}) {
      StopAt stop(step, &cut.stop);
      cut.progress_ = &stop;
      EXPECT_EQ(cut.fit(args).error().kind, ErrorKind::interrupted);
      cut.stop = false;
      cut.progress_ = nullptr;
    }
    ASSERT_TRUE(cut.fit(args).ok());
    for (const char* file : {"weights.safetensors", "valid.json", "network.json"})
      EXPECT_EQ(bytes(whole, file), bytes(cut, file)) << file;
    EXPECT_EQ(whole.notes, cut.notes);
  }
}

TEST(SequentialTraining, ValidEndsItAndTheBestEpochIsKept) {
  const data::Dataset films = counting();
  json args = small("SASRec", 60, kFull);
  args["is"] = "sasrec";
  args["recipe"]["patience"] = 3;
  args["valid"] = {{"input", 0}, {"part", "valid"}};
  TestFit fit(films);
  ASSERT_TRUE(fit.fit(args).ok());
  const std::vector<double> curve = json::parse(bytes(fit, "valid.json"))["ndcg@10"];
  const auto top = std::max_element(curve.begin(), curve.end());
  ASSERT_LT(curve.size(), 60u);
  EXPECT_EQ(curve.end() - top, 4) << "three epochs behind the best";
  EXPECT_GT(*top, 0.8);

  // As many epochs without valid are the same training.
  json fixed = small("SASRec", top - curve.begin() + 1, kFull);
  fixed["is"] = "sasrec";
  TestFit same(films);
  ASSERT_TRUE(same.fit(fixed).ok());
  EXPECT_EQ(bytes(fit, "weights.safetensors"), bytes(same, "weights.safetensors"));
}

TEST(SequentialTraining, SeedsAndSchedulesCount) {
  const data::Dataset films = counting();
  const auto weights = [&](json args, const baseline::Rate& rate = {}) {
    args["is"] = "sasrec";
    TestFit fit(films);
    fit.given_rate = rate;
    EXPECT_TRUE(fit.fit(args).ok());
    return bytes(fit, "weights.safetensors");
  };
  json args = small("SASRec", 2, kFull);
  const std::string seven = weights(args);
  args["seed"] = 8;
  EXPECT_NE(weights(args), seven);
  args["seed"] = 7;
  EXPECT_EQ(weights(args), seven);
  args["recipe"]["optimizer"]["schedule"] = {{"at", {{"kernel", 0}}}};
  EXPECT_EQ(weights(args, [](int64_t, int64_t) -> Result<double> { return 1.0; }), seven);
  EXPECT_NE(weights(args, [](int64_t, int64_t) -> Result<double> { return 0.5; }), seven);
}

TEST(SequentialTraining, WhatCannotBeLearntIsTold) {
  const data::Dataset films = counting(), tiny = baseline::from_lines("1 1 2 3\n2 3 2 1\n"),
                      lone = baseline::from_lines("1 5 5 5 5\n");
  json args = small("SASRec", 1, kFull);
  args["is"] = "sasrec";
  EXPECT_EQ(TestFit(tiny).fit(args).error().kind, ErrorKind::user)
      << "no user has two train events";
  EXPECT_EQ(TestFit(lone).fit(args).error().kind, ErrorKind::user) << "one item";
  args["valid"] = {{"input", 0}, {"part", "test"}};
  EXPECT_EQ(TestFit(films).fit(args).error().kind, ErrorKind::user);
  args["valid"] = {{"input", 1}, {"part", "valid"}};
  EXPECT_EQ(TestFit(films).fit(args).error().kind, ErrorKind::user) << "of another dataset";
  args["valid"] = nullptr;
  args["recipe"]["optimizer"]["lr"] = 1e30;
  EXPECT_EQ(TestFit(films).fit(args).error().kind, ErrorKind::user) << "not finite";
}

TEST(SequentialTraining, DamagedFilesAreTold) {
  const data::Dataset films = counting();
  json args = small("SASRec", 1, kFull);
  args["is"] = "sasrec";
  TestFit fit(films);
  ASSERT_TRUE(fit.fit(args).ok());
  ASSERT_TRUE(store::write_file(fit.file("weights.safetensors"), "short").ok());
  EXPECT_EQ(baseline::open(fit.file(""), "cpu").error().kind, ErrorKind::user);
  for (const char* text : {"", "{}", R"({"items": -1, "recipe": {"is": "SASRec"}})",
                           R"({"items": 3, "recipe": {"is": "Oracle"}})"}) {
    ASSERT_TRUE(store::write_file(fit.file("network.json"), text).ok());
    EXPECT_EQ(baseline::open(fit.file(""), "cpu").error().kind, ErrorKind::user) << text;
  }
}

}  // namespace
}  // namespace rexp::sequential
