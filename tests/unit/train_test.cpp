// The parts of runtime/train that need no model: arguments, packing, prefetch, compiled sources, progress.
#include <gtest/gtest.h>

#include <bit>

#include "runtime/base/json.h"
#include "runtime/train/batch.h"
#include "runtime/train/kernel_source.h"
#include "runtime/train/objective.h"
#include "runtime/train/optimizer.h"
#include "runtime/train/prefetch.h"
#include "runtime/train/progress.h"
#include "runtime/train/stage.h"
#include "runtime/train/stage_spec.h"

namespace rexp::train {
namespace {

constexpr char kArgs[] =
    R"({"adds": true, "trains": "added_embeddings", "length": {"epochs": 3}, "batch": 4, "window": 64, "overflow": "drop_example",
  "optimizer": {"is": "AdamW", "lr": 0.002, "betas": [0.8, 0.99], "decay": 0, "clip": 0.5, "eps": 1e-9,
    "schedule": {"is": "Cosine", "warm_up": 0.1, "at": {"kernel": 1}}},
  "tasks": [{"rows": 2, "dataset": 1, "weight": 2.5}], "unit": "copies", "total": null,
  "loss": {"is": "CrossEntropy", "level_weight": [1, 0.5], "label_smoothing": 0.1}, "dropout": 0.1, "precision": "bf16", "new_rows": "codebook"})";
constexpr char kSite[] = R"({"stage": "tune", "tasks": ["next"]})";

Result<StageSpec> parse(const std::string& args) {
  return parse_stage_spec(nlohmann::json::parse(args), nlohmann::json::parse(kSite));
}

std::string with(std::string from, const std::string& to) {
  std::string args = kArgs;
  const size_t at = args.find(from);
  EXPECT_NE(at, std::string::npos);
  return args.replace(at, from.size(), to);
}

TEST(StageSpec, ReadsEveryField) {
  const Result<StageSpec> spec = parse(kArgs);
  ASSERT_TRUE(spec.ok()) << spec.error().message;
  EXPECT_EQ(spec->stage, "tune");
  EXPECT_TRUE(spec->adds);
  EXPECT_EQ(spec->trains, Trains::added_embeddings);
  EXPECT_EQ(spec->overflow, Overflow::drop_example);
  EXPECT_EQ(spec->new_rows, NewRows::codebook);
  EXPECT_EQ(spec->precision, model::Precision::bf16);
  EXPECT_EQ(parse(with("bf16", "auto"))->precision, std::nullopt);
  EXPECT_EQ(spec->epochs, 3);
  EXPECT_EQ(spec->steps, 0);
  EXPECT_EQ(spec->optimizer->lr, 0.002);
  EXPECT_EQ(spec->schedule, 1);
  EXPECT_EQ(spec->tasks[0].name, "next");
  EXPECT_EQ(spec->tasks[0].weight, 2.5);
  EXPECT_EQ(spec->loss->level_weight, (std::vector<double>{1, 0.5}));
  EXPECT_EQ(spec->total_rows(10), 30);
  EXPECT_EQ(spec->total_steps(10), 8);  // the last step has two rows
}

TEST(StageSpec, SaysWhatIsWrong) {
  const auto message = [](const std::string& args) { return parse(args).error().message; };
  EXPECT_EQ(
      message(with(R"({"epochs": 3})", R"({"epochs": 3, "steps": 2})")),
      R"(field `length` of stage `tune` is {"epochs":3,"steps":2}, it must be either a number of epochs or a number of steps)");
  EXPECT_EQ(message(with(R"("batch": 4)", R"("batch": 0)")),
            "field `batch` of stage `tune` is 0, it must be a whole number of rows, at least 1");
  EXPECT_EQ(
      message(with("drop_example", "cut")),
      R"(field `overflow` of stage `tune` is "cut", it must be one of drop_oldest, drop_example, refuse)");
  EXPECT_EQ(message(with("bf16", "fp8")),
            R"(field `precision` of stage `tune` is "fp8", it must be one of auto, fp32, bf16)");
  EXPECT_EQ(
      message(with("\"codebook\"", "\"zero\"")),
      R"(field `new_rows` of stage `tune` is "zero", it must be one of random, mean_text, codebook)");
  EXPECT_EQ(message(with("0.002", "-1")),
            "field `lr` of the optimizer of stage `tune` is -1, it must be a positive number");
  EXPECT_EQ(message(with("[0.8, 0.99]", "[0.8, 1]")),
            "field `betas` of the optimizer of stage `tune` is [0.8,1], it must be two numbers "
            "from 0 up to, but not including, 1");
  EXPECT_EQ(message(with("2.5", "0")),
            "field `weight` of task 1 of stage `tune` is 0, it must be a positive number");
  EXPECT_EQ(message(with("[1, 0.5]", "[1, -2]")),
            "a level weight of stage `tune` is -2, it must be a number of at least 0");
  EXPECT_EQ(message(with("\"label_smoothing\": 0.1", "\"label_smoothing\": 1")),
            "field `label_smoothing` of the loss of stage `tune` is 1, it must be a number from 0 "
            "up to, but not including, 1");
  EXPECT_EQ(parse(with("AdamW", "Lion")).error().kind, ErrorKind::internal);
}

Example example(std::vector<int32_t> ids, std::vector<uint8_t> trained,
                std::vector<uint8_t> levels) {
  Example e;
  e.ids = std::move(ids);
  e.trained = std::move(trained);
  e.levels = std::move(levels);
  return e;
}

TEST(Pack, LabelsAreNextTokens) {
  const std::vector<Example> examples = {example({5, 6}, {1, 1}, {0, 1}),
                                         example({7, 8, 9}, {0, 1, 1}, {0, 2, 3}),
                                         example({5, 5}, {1, 0}, {0, 0})};
  RowOfId rows(10, -1);
  for (int i = 5; i < 10; ++i) rows[i] = i - 5;
  const Result<Batch> batch = pack(3, examples, rows, std::vector<double>{1, 0.25, 0}, 100);
  ASSERT_TRUE(batch.ok());
  EXPECT_EQ(batch->labels,
            2);  // the token of level 3 weighs nothing; the last example has no target
  EXPECT_EQ(batch->tokens, 5);
  EXPECT_DOUBLE_EQ(batch->weight, 1.25);
  ASSERT_EQ(batch->parts.size(), 1u);
  EXPECT_EQ(batch->parts[0].rows, (std::vector<int64_t>{2, 3, 4, 0, 1}));
  EXPECT_EQ(batch->parts[0].offsets, (std::vector<int64_t>{0, 3, 5}));
  EXPECT_EQ(batch->parts[0].label_at, (std::vector<int64_t>{0, 3}));
  EXPECT_EQ(batch->parts[0].targets, (std::vector<int64_t>{3, 1}));
  EXPECT_EQ(batch->parts[0].levels, (std::vector<uint8_t>{2, 1}));
}

TEST(Pack, CutsBetweenExamplesOnly) {
  const std::vector<Example> examples(5, example({0, 0, 0}, {0, 1, 1}, {0, 0, 0}));
  const Result<Batch> batch = pack(0, examples, RowOfId(1, 0), {}, 7);
  ASSERT_TRUE(batch.ok());
  EXPECT_EQ(batch->parts.size(), 3u);
  EXPECT_EQ(batch->labels, 10);
}

TEST(Pack, UnknownTokenIsOurFault) {
  EXPECT_EQ(pack(0, std::vector<Example>{example({3, 1}, {0, 1}, {0, 0})}, RowOfId(2, 0), {}, 7)
                .error()
                .kind,
            ErrorKind::internal);
}

TEST(Prefetch, GivesBatchesInOrderThenTheErrorThenNothing) {
  Prefetch batches(2, 9, [](int64_t step) -> Result<Batch> {
    if (step == 5) return user_error("five");
    Batch batch;
    batch.step = step;
    return batch;
  });
  for (int64_t step = 2; step < 5; ++step) EXPECT_EQ((*batches.next())->step, step);
  EXPECT_EQ(batches.next()->error().message, "five");
  EXPECT_FALSE(batches.next().has_value());
}

TEST(Prefetch, StopsWhenLeft) {
  Prefetch batches(0, int64_t{1} << 40, [](int64_t) -> Result<Batch> { return Batch(); });
  EXPECT_TRUE(batches.next()->ok());
}

// Compiled functions, by hand: rows in order; a prompt of one token a history event and a trained answer.
int32_t in_order(const RexpRowContext*, const int64_t* slots, uint64_t, RexpSink* sink) {
  sink->value = abi::pack({0, slots[0] % slots[1]});
  return REXP_OK;
}
int32_t render(const RexpRowContext*, const int64_t* row, uint64_t s, RexpSink* sink) {
  for (int64_t event = row[1]; event < row[2]; ++event)
    rexp_rk_emit(sink, static_cast<int32_t>(100 + event), 0, 1);
  rexp_rk_emit(sink, static_cast<int32_t>(s % 2), 1, 0);
  return REXP_OK;
}
int32_t halving(const RexpRowContext*, const int64_t* slots, uint64_t, RexpSink* sink) {
  sink->value =
      std::bit_cast<int64_t>(static_cast<double>(slots[0]) / static_cast<double>(slots[1]));
  return REXP_OK;
}

class KernelSource : public testing::Test {
 protected:
  KernelSource() {
    rows_.columns = {"user", "history_begin", "history_end", "next"};
    rows_.count = 2;
    rows_.values = {0, 10, 13, 13, 1, 20, 30, 30};
    spec_.stage = "tune";
    spec_.window = 6;
    spec_.tasks = {{"next", 0, 0, 1.5}};
  }
  Result<Example> make(int64_t position) {
    Result<KernelExampleSource> source =
        KernelExampleSource::create(spec_, in_order, {{render, &context_, &rows_, {}}}, 9);
    EXPECT_TRUE(source.ok());
    return source->make(position);
  }
  data::Rows rows_;
  RexpRowContext context_{};
  StageSpec spec_;
};

TEST_F(KernelSource, RendersTheRowTheMixtureNames) {
  const Result<Example> e = make(0);
  ASSERT_TRUE(e.ok());
  EXPECT_EQ(std::vector<int32_t>(e->ids.begin(), e->ids.end() - 1),
            (std::vector<int32_t>{110, 111, 112}));
  EXPECT_EQ(e->trained, (std::vector<uint8_t>{0, 0, 0, 1}));
  EXPECT_EQ(e->levels, (std::vector<uint8_t>{1, 1, 1, 0}));
  EXPECT_EQ(e->ids, make(0)->ids);
}

TEST_F(KernelSource, DropsTheOldestEventsOnly) {
  const Result<Example> e = make(1);
  ASSERT_TRUE(e.ok());
  EXPECT_EQ(std::vector<int32_t>(e->ids.begin(), e->ids.end() - 1),
            (std::vector<int32_t>{125, 126, 127, 128, 129}));
}

TEST_F(KernelSource, OverflowRules) {
  spec_.overflow = Overflow::drop_example;
  EXPECT_TRUE(make(1)->ids.empty());
  spec_.overflow = Overflow::refuse;
  EXPECT_EQ(make(1).error().message,
            "row 1 of task `next` (user 1) has 11 tokens, the window of stage `tune` holds 6");
  spec_.overflow = Overflow::drop_oldest;
  spec_.window = 1;
  EXPECT_EQ(make(1).error().message,
            "row 1 of task `next` (user 1) has 2 tokens, the window of stage `tune` holds 1");
}

TEST_F(KernelSource, EpochRows) {
  EXPECT_EQ(epoch_rows(spec_, {3}), 5);  // 4.5, half up
  spec_.unit = MixtureUnit::shares;
  spec_.total = 77;
  EXPECT_EQ(epoch_rows(spec_, {3}), 77);
  rows_.count = 0;
  EXPECT_EQ(KernelExampleSource::create(spec_, in_order, {{render, &context_, &rows_, {}}}, 9)
                .error()
                .message,
            "task `next` of stage `tune` has no rows, it must have at least one");
}

TEST(KernelSchedule, ReadsTheBitsOfADouble) {
  EXPECT_DOUBLE_EQ(*kernel_schedule(halving)(1, 4), 0.25);
}

TEST(Progress, OneLine) {
  EXPECT_EQ(progress_line({"tune", "train", 1204, 3000, 2.31821, 41250, 130}, 0),
            "tune  1,204/3,000  loss 2.3182  41,250 tokens/s  2 min 10 s left");
  EXPECT_EQ(progress_line({"tune", "train", 5, 10, 1, 10, 3}, 4),
            "tune  ██░░  5/10  loss 1.0000  10 tokens/s  3 s left");
  EXPECT_EQ(progress_line({"tune", "look", 5, 10, 0, 0, 0}, 0),
            "tune  5/10 examples looked at for new tokens");
}

}  // namespace
}  // namespace rexp::train
