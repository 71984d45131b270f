// Whole stages on a toy world: learning, growth, frozen rows, interruption, what goes wrong.
#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <limits>
#include <map>
#include <sstream>

#include "runtime/codebook/codebook.h"
#include "runtime/train/checkpoint_writer.h"
#include "runtime/train/stage_log.h"
#include "tests/unit/train_toy.h"

namespace rexp::train {
namespace {

namespace fs = std::filesystem;

class Stage : public testing::Test {
 protected:
  Stage() {
    at::set_num_threads(1);
    work_ = fs::temp_directory_path() /
            ("rexp_train_" +
             std::string(testing::UnitTest::GetInstance()->current_test_info()->name()));
    fs::remove_all(work_);
  }
  ~Stage() override { fs::remove_all(work_); }

  StageInputs inputs(const StageSpec& spec, ExampleSource* source) const {
    return toy::inputs(spec, source, work_.string());
  }

  void interrupt_and_continue(const nlohmann::json& optimizer);

  std::string read(const std::string& name) const {
    std::ifstream file(work_ / name, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
  }

  fs::path work_;
};

using Bytes = std::map<std::string, std::string>;

Bytes bytes_of(const model::ModelArtifact& model) {
  Bytes out;
  model.weights.for_each([&](const std::string& name, const at::Tensor& tensor) {
    const at::Tensor flat = tensor.detach().contiguous();
    out[name] = std::string(static_cast<const char*>(flat.const_data_ptr()), flat.nbytes());
  });
  return out;
}

codebook::Codebook codebook(const std::string& name = "sid") {
  codebook::Codebook book;
  book.name = name;
  book.level_sizes = {4, 4};
  for (int32_t i = 0; i < 8; ++i) book.codes.push_back({i % 4, i / 4});
  return book;
}

TEST_F(Stage, LearnsToCount) {
  toy::Counting source(64, 20, 16);
  const StageSpec spec = toy::spec(60, 16);
  const Result<StageResult> result = run_stage(toy::artifact(20), inputs(spec, &source));
  ASSERT_TRUE(result.ok()) << result.error().message;
  EXPECT_LT(result->last_loss, 0.1);
  EXPECT_EQ(result->steps, 60);
  EXPECT_EQ(result->added_rows, 0);
  const std::string log = read("log.jsonl");
  EXPECT_EQ(std::count(log.begin(), log.end(), '\n'), 60);
  EXPECT_NE(log.find(R"("levels":{"1":)"), std::string::npos);
  EXPECT_NE(log.find(R"("tasks":{"0":)"), std::string::npos);
  EXPECT_NE(read("samples.jsonl").find(R"({"task":0,"row":0,"tokens":)"), std::string::npos);
}

TEST_F(Stage, EpochsEndWithAShortStep) {
  toy::Counting source(10, 20, 16);
  StageSpec spec = toy::spec(0, 4);
  spec.epochs = 2;
  std::vector<int64_t> seen;
  source.on_make = [&](int64_t position) { seen.push_back(position); };
  model::ModelArtifact full = toy::artifact(20, /*grows=*/false);
  const Result<StageResult> result = run_stage(std::move(full), inputs(spec, &source));
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(result->steps, 5);
  EXPECT_EQ(*std::max_element(seen.begin(), seen.end()), 19);
}

TEST_F(Stage, AddedEmbeddingsLeaveEveryOtherWeightAlone) {
  for (const bool grows : {true, false}) {
    fs::remove_all(work_);
    const codebook::Codebook book = codebook();
    const model::ModelArtifact before =
        toy::artifact(24, grows);  // a full one has 4 rows of padding behind its 20 tokens
    const int32_t tokens = grows ? 24 : 20;
    toy::Counting source(16, 8, 12);
    source.first_id = tokens;
    StageSpec spec = toy::spec(5, 8);
    spec.adds = true;
    spec.trains = Trains::added_embeddings;
    toy::choose(&spec, {{"is", "AdamW"}, {"lr", 1e-2}, {"decay", 0.1}});
    StageInputs in = inputs(spec, &source);
    Result<std::vector<CodebookInput>> placed =
        place_codebooks("toy", before, true, {&book}, {tokens, {}});
    ASSERT_TRUE(placed.ok());
    in.codebooks = *placed;
    const Bytes old = bytes_of(before);
    const Result<StageResult> after = run_stage(before, in);
    ASSERT_TRUE(after.ok()) << after.error().message;
    EXPECT_EQ(after->added_rows, 8);
    EXPECT_EQ(after->model.weights.rows(), tokens + 8);
    EXPECT_EQ(after->model.config.vocab, tokens + 8);
    EXPECT_FALSE(after->model.weights.embedding_new.defined());
    EXPECT_EQ(after->model.codebooks[0].lineage.hash, book.hash());
    EXPECT_EQ(after->model.codebooks[0].first_id, tokens);
    for (const auto& [name, bytes] : bytes_of(after->model)) {
      if (name == "model.embed_tokens.weight") {
        const size_t kept = static_cast<size_t>(tokens) * 32 * sizeof(float);
        EXPECT_EQ(bytes.substr(0, kept), old.at(name).substr(0, kept));
      } else {
        EXPECT_EQ(bytes, old.at(name)) << name;
      }
    }
  }
}

TEST_F(Stage, GrowsByExactlyTheTokensOfItsStream) {
  toy::Counting source(30, 12, 6);
  source.first_id = 15;  // ids 15..26, of which the model owns 15..19
  const StageSpec spec = toy::spec(4, 16);
  const Result<StageResult> result = run_stage(toy::artifact(20), inputs(spec, &source));
  ASSERT_TRUE(result.ok()) << result.error().message;
  EXPECT_EQ(result->added_rows, 7);
  for (int32_t id = 20; id < 27; ++id) EXPECT_EQ(result->model.vocabulary.row(id), id);
  EXPECT_FALSE(result->model.vocabulary.owns(27));
}

TEST_F(Stage, AContractOfCodebooks) {
  codebook::Codebook book = codebook(), other = codebook();
  other.codes[0] = {1, 1};
  model::ModelArtifact model = toy::artifact(20);
  model.codebooks.push_back({"sid", book.lineage(), 20, book.tokens()});
  EXPECT_EQ((*place_codebooks("tune", model, false, {&book}, {20, {}}))[0].ids.front(), 20);
  const Result<std::vector<CodebookInput>> refused =
      place_codebooks("tune", model, true, {&other}, {20, {}});
  ASSERT_FALSE(refused.ok());
  EXPECT_NE(refused.error().message.find(book.hash()), std::string::npos);
  EXPECT_NE(refused.error().message.find(other.hash()), std::string::npos);
  codebook::Codebook second = codebook("b");
  second.codes[0] = {2, 1};
  EXPECT_NE(place_codebooks("tune", model, true, {&second}, {20, {}})
                .error()
                .message.find("which prints `<|sid_0|>` as codebook `b` does"),
            std::string::npos);
  second.surface = "<|b_{}|>";
  EXPECT_EQ((*place_codebooks("tune", model, true, {&second}, {20, {}}))[0].ids.front(), 28);
  EXPECT_EQ(place_codebooks("tune", model, false, {&second}, {20, {}}).error().message,
            "stage `tune` prints tokens of codebook `b`, its model does not own them");
}

TEST_F(Stage, KnowsTheTokensOfExtensions) {
  const codebook::Codebook book = codebook();
  codebook::Codebook grown = codebook("grown"), sibling = codebook("grown");
  grown.codes.push_back({1, 2}), sibling.codes.push_back({1, 3});
  grown.extends = sibling.extends = {book.hash()};
  const StageSpec spec = toy::spec(1, 8);
  toy::Counting source(20, 8, 12);
  auto model = toy::artifact(28);
  model.codebooks = {{"sid", book.lineage(), 20, {}}};
  StageInputs in = inputs(spec, &source);
  in.codebooks = *place_codebooks("tune", model, false, {&grown}, {20, {}});
  const auto after = run_stage(std::move(model), in);
  ASSERT_EQ(after->model.codebooks.size(), 1u) << "its tokens are those of `sid`";
  EXPECT_EQ(after->model.codebooks[0].lineage.hash, grown.hash());
  EXPECT_TRUE(place_codebooks("tune", after->model, false, {&book}, {20, {}}).ok());
  EXPECT_FALSE(place_codebooks("tune", after->model, false, {&sibling}, {20, {}}).ok());
}

TEST_F(Stage, LearnsAlikeInBf16) {
  StageSpec spec = toy::spec(60, 16);
  toy::Counting source(300, 20, 16);
  const Result<StageResult> exact = run_stage(toy::artifact(20), inputs(spec, &source));
  ASSERT_TRUE(exact.ok());
  EXPECT_EQ(exact->precision, model::Precision::fp32);
  fs::remove_all(work_);
  spec.precision = model::Precision::bf16;
  const Result<StageResult> rounded = run_stage(toy::artifact(20), inputs(spec, &source));
  ASSERT_TRUE(rounded.ok());
  EXPECT_EQ(rounded->precision, model::Precision::bf16);
  EXPECT_NE(rounded->last_loss, exact->last_loss);
  EXPECT_NEAR(rounded->last_loss, exact->last_loss, 0.02 * exact->last_loss);
}

// Stops after the step that makes example `at`, then runs again; the bytes must be those of a run in one piece.
void Stage::interrupt_and_continue(const nlohmann::json& optimizer) {
  StageSpec spec = toy::spec(12, 4);
  spec.dropout = 0.2;
  toy::choose(&spec, optimizer);
  const Schedule falling = [](int64_t step, int64_t total) {
    return Result<double>(1.0 - static_cast<double>(step) / static_cast<double>(total));
  };
  toy::Counting plain(20, 20, 16);
  StageInputs in = inputs(spec, &plain);
  in.schedule = falling;
  const Result<StageResult> whole = run_stage(toy::artifact(20), in);
  ASSERT_TRUE(whole.ok());

  fs::remove_all(work_);
  std::atomic<bool> stop = false;
  struct StopAt : Progress {
    std::atomic<bool>* stop;
    int64_t step;
    void update(const ProgressState& state) override {
      stop->store(state.phase == "train" && state.step == step);
    }
    void done() override {}
  } progress;
  progress.stop = &stop;
  in.interrupt = &stop;
  in.progress = &progress;
  for (const int64_t step : {3, 4, 9}) {
    stop = false;
    progress.step = step;
    const Result<StageResult> part = run_stage(toy::artifact(20), in);
    ASSERT_FALSE(part.ok());
    EXPECT_EQ(part.error().kind, ErrorKind::interrupted);
    EXPECT_TRUE(fs::exists(work_ / ("state-" + std::to_string(step) + ".safetensors")));
  }
  progress.step = -1;
  stop = false;
  const Result<StageResult> rest = run_stage(toy::artifact(20), in);
  ASSERT_TRUE(rest.ok()) << rest.error().message;
  EXPECT_EQ(rest->steps, 12);
  EXPECT_EQ(bytes_of(rest->model), bytes_of(whole->model));
  const std::string log = read("log.jsonl");
  EXPECT_EQ(std::count(log.begin(), log.end(), '\n'), 12);
  remove_checkpoints(work_.string());
  EXPECT_FALSE(fs::exists(work_ / "checkpoint-9.json"));
}

TEST_F(Stage, InterruptedAndContinuedGivesTheSameBytes) {
  interrupt_and_continue({{"is", "AdamW"}, {"lr", 1e-2}, {"decay", 0.1}});
}

TEST_F(Stage, ContinuingRestoresTheMomentumOfSgd) {
  interrupt_and_continue({{"is", "Sgd"}, {"lr", 0.05}, {"momentum", 0.9}, {"decay", 0.01}});
}

/// One changed byte, truncation and absence of every file that a checkpoint is made of: the one before it is taken, or the start, and
/// the bytes are those of a run in one piece.
TEST_F(Stage, ADamagedCheckpointIsPassedOver) {
  toy::Counting source(20, 20, 16);
  const StageSpec spec = toy::spec(9, 4);
  StageInputs in = inputs(spec, &source);
  in.checkpoint_steps = 3;
  const Result<StageResult> whole = run_stage(toy::artifact(20), in);
  ASSERT_TRUE(whole.ok());
  const Bytes expected = bytes_of(whole->model);
  const std::string log = read("log.jsonl");
  const fs::path kept = work_.string() + "_kept";
  fs::remove_all(kept);
  fs::copy(work_, kept, fs::copy_options::recursive);
  const auto flip = [](const fs::path& path) {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekg(static_cast<std::streamoff>(fs::file_size(path) / 2));
    const char byte = static_cast<char>(file.get() ^ 1);
    file.seekp(static_cast<std::streamoff>(fs::file_size(path) / 2));
    file.put(byte);
  };
  const auto cut = [](const fs::path& path) { fs::resize_file(path, fs::file_size(path) / 2); };
  const auto lose = [](const fs::path& path) { fs::remove(path); };
  const std::vector<std::function<void(const fs::path&)>> harms = {flip, cut, lose};
  const std::vector<std::vector<std::string>> victims = {
      {"state-6.safetensors"},
      {"checkpoint-6.json"},
      {"state-6.safetensors", "state-3.safetensors"},
      {"checkpoint-6.json", "state-3.safetensors"},
      {"log.jsonl"}};
  for (const auto& files : victims) {
    for (const auto& harm : harms) {
      fs::remove_all(work_);
      fs::copy(kept, work_, fs::copy_options::recursive);
      for (const std::string& file : files) harm(work_ / file);
      const Result<StageResult> again = run_stage(toy::artifact(20), in);
      ASSERT_TRUE(again.ok()) << again.error().message;
      EXPECT_EQ(bytes_of(again->model), expected) << files[0];
      EXPECT_EQ(read("log.jsonl"), log) << files[0];
    }
  }
  fs::remove_all(kept);
}

/// Where the log keeps every third step only, a stop between two rows must not lose what was summed since the last one.
TEST_F(Stage, SumsSinceTheLastRowOfTheLogSurvive) {
  const auto feed = [](StageLog* log, int64_t from, int64_t to) {
    for (int64_t step = from; step <= to; ++step) {
      LossSums losses;
      losses.add(static_cast<uint8_t>(step % 2), 0, 1.0 / static_cast<double>(step));
      log->add_step(0.1 * static_cast<double>(step), losses);
      ASSERT_TRUE(log->write(step, 1e-3).ok());
    }
  };
  constexpr int64_t kTotal = 6000;
  Result<StageLog> whole = StageLog::open(work_.string(), 0, "", kTotal);
  feed(&*whole, 1, 10);
  const std::string expected = read("log.jsonl");
  EXPECT_EQ(std::count(expected.begin(), expected.end(), '\n'), 4);  // steps 1, 3, 6, 9
  fs::remove_all(work_);
  Result<StageLog> first = StageLog::open(work_.string(), 0, "", kTotal);
  feed(&*first, 1, 5);
  const int64_t bytes = first->bytes();
  const std::string sums = first->sums();
  feed(&*first, 6, 7);  // after the checkpoint, lost with the process
  Result<StageLog> second = StageLog::open(work_.string(), bytes, sums, kTotal);
  ASSERT_TRUE(second.ok()) << second.error().message;
  feed(&*second, 6, 10);
  EXPECT_EQ(read("log.jsonl"), expected);
}

TEST_F(Stage, ACheckpointCostsItsShareOfTheTimeOnly) {
  fs::create_directories(work_);
  std::ofstream(work_ / "log.jsonl").flush();
  const NamedTensors state = {{"w", at::ones({256, 1024})}};  // a megabyte: 5 ms are guessed
  CheckpointWriter writer(work_.string(), state);
  EXPECT_FALSE(writer.affordable(0.1));
  EXPECT_TRUE(writer.affordable(1));
  CheckpointInfo info;
  info.run = "a";
  info.step = 1;
  ASSERT_TRUE(writer.start(info, state).ok());
  state[0].second.zero_();  // what is written is the copy
  ASSERT_TRUE(writer.wait().ok());
  EXPECT_FALSE(writer.affordable(1e-9));
  EXPECT_TRUE(writer.affordable(1e9));
  const auto unharmed = [](const std::string& what) { ADD_FAILURE() << what; };
  const auto found = load_checkpoint(work_.string(), "a", state, unharmed);
  ASSERT_TRUE(found.ok() && found->has_value());
  EXPECT_EQ((*found)->step, 1);
  EXPECT_EQ(state[0].second.sum().item<double>(), 256 * 1024);
  const auto other = load_checkpoint(work_.string(), "b", state, unharmed);
  ASSERT_TRUE(other.ok());
  EXPECT_FALSE(other->has_value());
  fs::remove_all(work_);
  std::ofstream(work_.string()) << "a file is in the way";
  ASSERT_TRUE(writer.start(info, state).ok());
  const Status refused = writer.wait();
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().kind, ErrorKind::user);
}

TEST_F(Stage, BatchWithoutALabelIsSkipped) {
  toy::Counting source(20, 20, 16);
  source.trained = false;
  const StageSpec spec = toy::spec(3, 4);
  const model::ModelArtifact model = toy::artifact(20);
  const Bytes before = bytes_of(model);
  const Result<StageResult> result = run_stage(model, inputs(spec, &source));
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(result->skipped, 3);
  EXPECT_EQ(bytes_of(result->model), before);
}

TEST_F(Stage, LossThatIsNotFinite) {
  toy::Counting source(20, 20, 16);
  const StageSpec spec = toy::spec(3, 4);
  model::ModelArtifact model = toy::artifact(20);
  model.weights.final_norm.fill_(std::numeric_limits<float>::infinity());
  const Result<StageResult> result = run_stage(std::move(model), inputs(spec, &source));
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().message, "the loss of stage `toy` is not finite at step 1 of 3");
  EXPECT_EQ(result.error().kind, ErrorKind::user);
}

TEST_F(Stage, NothingToTrain) {
  toy::Counting source(20, 20, 16);
  StageSpec spec = toy::spec(3, 4);
  spec.trains = Trains::added_embeddings;
  EXPECT_EQ(run_stage(toy::artifact(20), inputs(spec, &source)).error().message,
            "stage `toy` trains added embeddings only, but its model owns every token already");
  spec.window = 4096;
  EXPECT_EQ(run_stage(toy::artifact(20), inputs(spec, &source)).error().message,
            "the window of stage `toy` is 4096 tokens, its model has 128 positions");
}

}  // namespace
}  // namespace rexp::train
