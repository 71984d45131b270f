// What sequential recommenders learn from and what they are asked.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "runtime/base/json.h"
#include "runtime/sequential/recipe.h"
#include "tests/unit/baseline_fit.h"

namespace rexp::sequential {
namespace {

using Events = std::vector<int64_t>;

/// Items a b c d e f g h are 0 1 2 ..; the last two events of a user are held out.
data::Dataset dataset() { return baseline::from_lines("1 0 1 2 3 4 5 6 7\n2 5 4 6 7\n3 2 6 7\n"); }

std::vector<Events> items_of(const data::Dataset& dataset, const std::vector<Stretch>& stretches) {
  std::vector<Events> out;
  for (const Stretch& s : stretches)
    out.emplace_back(dataset.event_items().begin() + s.begin,
                     dataset.event_items().begin() + s.end);
  return out;
}

NetworkPlan plan(const nlohmann::json& args) {
  auto read = read_network(args, "a test");
  EXPECT_TRUE(read.ok()) << (read.ok() ? "" : to_string(read.error()));
  read->shape.items = 8;
  return std::move(*read);
}

TEST(SequentialExamples, PrefixesEndWithEachTrainEventButTheFirst) {
  const data::Dataset films = dataset();
  EXPECT_EQ(
      items_of(films, prefixes(films, 3)),
      (std::vector<Events>{{0, 1}, {0, 1, 2}, {0, 1, 2, 3}, {1, 2, 3, 4}, {2, 3, 4, 5}, {5, 4}}));
}

TEST(SequentialExamples, PiecesHoldEveryTrainEvent) {
  const data::Dataset films = dataset();
  EXPECT_EQ(items_of(films, pieces(films, 3, 1)),
            (std::vector<Events>{{3, 4, 5}, {1, 2, 3}, {0, 1}, {5, 4}}));
  EXPECT_EQ(items_of(films, pieces(films, 4, 0)),
            (std::vector<Events>{{2, 3, 4, 5}, {0, 1}, {5, 4}}));
}

TEST(SequentialExamples, SasrecAsksEveryPlaceOrTheLast) {
  const NetworkPlan sasrec = plan({{"is", "SASRec"}, {"positions", 4}});
  const Events items = {3, 1, 2};
  Batch all, last;
  sasrec.task->add(items, sasrec.shape, Learns::sequences, 1, &all);
  sasrec.task->add(items, sasrec.shape, Learns::sequences, 1, &all);
  EXPECT_EQ(all.sequences.items, (Events{3, 1, 3, 1}));
  EXPECT_EQ(all.sequences.outputs, (Events{0, 1, 2, 3}));
  EXPECT_EQ(all.targets, (Events{1, 2, 1, 2}));
  sasrec.task->add(items, sasrec.shape, Learns::prefixes, 1, &last);
  EXPECT_EQ(last.sequences.outputs, (Events{1}));
  EXPECT_EQ(last.targets, (Events{2}));
}

TEST(SequentialExamples, BertMasksSomeItemsOrTheLast) {
  const NetworkPlan bert =
      plan({{"is", "BERT4Rec"}, {"positions", 8}, {"mask", 0.3}, {"last", 0.4}});
  const Events items = {3, 1, 2, 5, 6};
  int64_t only_last = 0, masked = 0, others = 0;
  for (uint64_t stream = 0; stream < 1000; ++stream) {
    Batch batch;
    bert.task->add(items, bert.shape, Learns::sequences, stream, &batch);
    ASSERT_GE(batch.targets.size(), 1u);
    for (size_t i = 0; i < batch.targets.size(); ++i) {
      const int64_t place = batch.sequences.outputs[i];
      EXPECT_EQ(batch.sequences.items[place], bert.shape.mask());
      EXPECT_EQ(batch.targets[i], items[place]);
    }
    if (batch.targets == Events{6}) {
      ++only_last;
    } else {
      masked += static_cast<int64_t>(batch.targets.size());
      ++others;
    }
  }
  EXPECT_NEAR(only_last, 420, 60);  // and now and then by chance
  EXPECT_NEAR(static_cast<double>(masked) / static_cast<double>(others) / 5, 0.36, 0.06);
}

TEST(SequentialExamples, QuestionsAreTheNewestItems) {
  const NetworkPlan sasrec = plan({{"is", "SASRec"}, {"positions", 3}}),
                    bert = plan({{"is", "BERT4Rec"}, {"positions", 3}});
  Sequences asked;
  const std::vector<int32_t> history = {1, 2, 3, 4};
  sasrec.task->ask(history, sasrec.shape, &asked);
  bert.task->ask(history, bert.shape, &asked);
  EXPECT_EQ(asked.items, (Events{2, 3, 4, 3, 4, 8}));
  EXPECT_EQ(asked.offsets, (Events{0, 3, 6}));
  EXPECT_EQ(asked.outputs, (Events{2, 5}));
}

TEST(SequentialExamples, FieldsOutOfRangeAreTold) {
  using nlohmann::json;
  const json good = {{"is", "SASRec"},
                     {"optimizer", {{"is", "AdamW"}, {"lr", 1e-3}}},
                     {"loss", {{"is", "FullSoftmax"}}}};
  EXPECT_TRUE(read_recipe(good, "a test").ok());
  const std::map<std::string, json> wrong = {
      {"blocks", 0},    {"heads", 3},    {"positions", 1},   {"dropout", 1}, {"batch", 0},
      {"patience", -1}, {"length", 0.5}, {"norm", "beside"}, {"inner", "x"}, {"activation", 2}};
  for (const auto& [name, value] : wrong) {
    json args = good;
    args[name] = value;
    EXPECT_EQ(read_recipe(args, "a test").error().kind, ErrorKind::user) << name;
  }
  json args = good;
  args["loss"] = {{"is", "SampledSoftmax"}, {"negatives", 0}};
  EXPECT_EQ(read_recipe(args, "a test").error().kind, ErrorKind::user);
  EXPECT_EQ(read_recipe({{"is", "BERT4Rec"}, {"mask", 1}}, "a test").error().kind, ErrorKind::user);
}

}  // namespace
}  // namespace rexp::sequential
