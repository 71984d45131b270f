// Quantisers: the autoencoder on the shared loop, what is stored beside the codes, even assignments.
#include <ATen/ATen.h>

#include <atomic>
#include <fstream>

#include "runtime/quantiser/even_codes.h"
#include "runtime/quantiser/quantiser_file.h"
#include "runtime/quantiser/rq_vae.h"
#include "runtime/quantiser/sinkhorn.h"
#include "runtime/store/file.h"
#include "runtime/train/loop.h"
#include "tests/unit/quantiser_world.h"

namespace rexp::quantiser {
namespace {

using codebook::Codes;
using codebook::Quantiser;
using codebook::Vectors;
using Json = nlohmann::json;

Json recipe(int64_t epochs) {
  return {{"is", "RqVae"},
          {"vectors", {{"input", 1}}},
          {"levels", {32, 32, 32}},
          {"layers", {64, 32}},
          {"latent", 16},
          {"length", epochs},
          {"batch", 128},
          {"standardise", true},
          {"resets", 10},
          {"optimizer", {{"is", "AdamW"}, {"lr", 1e-3}, {"decay", 1e-4}, {"betas", {0.9, 0.999}}}}};
}

/// TIGER as published.
Json paper_recipe(int64_t epochs) {
  Json args = recipe(epochs);
  args["standardise"] = false;
  args["resets"] = nullptr;
  args["optimizer"] = {{"is", "Adagrad"}, {"lr", 0.4}, {"clip", 0}};
  return args;
}

std::vector<std::vector<float>> numbers(const Quantiser& q) {
  std::vector<std::vector<float>> all = {q.shift, q.scale};
  for (const auto& layer : q.layers) {
    all.push_back(layer.weight.values);
    all.push_back(layer.bias);
  }
  for (const Vectors& level : q.centroids) all.push_back(level.values);
  return all;
}

TEST(RqVae, UsesNearlyEveryCodeOfEveryLevel) {
  const World world(sentences(1000));
  const Result<Codes> codes = world.learn(recipe(60));
  ASSERT_TRUE(codes.ok()) << to_string(codes.error());
  for (const double share : usage(*codes)) EXPECT_GT(share, 0.95);
}

TEST(RqVae, ThePapersRecipeCollapsesOnSentenceVectors) {
  const World world(sentences(1000));
  const Result<Codes> codes = world.learn(paper_recipe(60));
  ASSERT_TRUE(codes.ok()) << to_string(codes.error());
  EXPECT_LT(usage(*codes)[0], 0.2);
}

/// Written and read again: with the same numbers.
Result<Quantiser> stored(const Quantiser& quantiser, const World& world) {
  const Status saved = save(quantiser, world.folder());
  if (!saved.ok()) return saved.error();
  Result<Quantiser> loaded = load(world.folder());
  if (loaded.ok()) {
    EXPECT_EQ(numbers(*loaded), numbers(quantiser));
  }
  return loaded;
}

TEST(RqVae, ItsQuantiserGivesTheLearntCodesAlsoOneByOneAndFromDisk) {
  const Vectors vectors = sentences(300);
  const World world(vectors);
  const Result<Codes> codes = world.learn(recipe(4));
  ASSERT_TRUE(codes.ok()) << to_string(codes.error());
  EXPECT_EQ(*codes->quantiser->encode(vectors), codes->codes);
  const Result<Quantiser> loaded = stored(*codes->quantiser, world);
  ASSERT_TRUE(loaded.ok()) << to_string(loaded.error());
  for (const int64_t i : {0, 17, 299}) {
    const Vectors one{1, vectors.size, {vectors.row(i), vectors.row(i) + vectors.size}};
    EXPECT_EQ(loaded->encode(one)->front(), codes->codes[i]);
  }
  EXPECT_EQ(loaded->encode(sentences(3, 31)).error().kind, ErrorKind::user);
}

TEST(ResidualKMeans, ItsQuantiserGivesTheLearntCodesAlsoFromDisk) {
  const Vectors vectors = sentences(500);
  for (const Json& pca : {Json(8), Json()}) {
    const World world(vectors);
    const Result<Codes> codes = world.learn({{"is", "ResidualKMeans"},
                                             {"vectors", {{"input", 1}}},
                                             {"levels", {16, 8}},
                                             {"iterations", 3},
                                             {"pca", pca}});
    ASSERT_TRUE(codes.ok()) << to_string(codes.error());
    EXPECT_EQ(*codes->quantiser->encode(vectors), codes->codes);
    const Result<Quantiser> loaded = stored(*codes->quantiser, world);
    ASSERT_TRUE(loaded.ok()) << to_string(loaded.error());
    EXPECT_EQ(*loaded->encode(vectors), codes->codes);
  }
}

TEST(QuantiserFile, IsRefusedWhenItsSizesDoNotFit) {
  const World world(sentences(50));
  const Result<Codes> codes = world.learn(recipe(1));
  ASSERT_TRUE(codes.ok());
  EXPECT_EQ(load(world.folder()).error().kind, ErrorKind::user) << "there is none";
  ASSERT_TRUE(save(*codes->quantiser, world.folder()).ok());
  const std::string path = world.folder() + "/quantiser.json";
  const Json right = Json::parse(*store::read_file(path));
  for (const auto& [field, value] : {std::pair<const char*, Json>{"levels", {32, 33, 32}},
                                     {"latent", 15},
                                     {"input", -1},
                                     {"layers", "many"}}) {
    Json wrong = right;
    wrong[field] = value;
    ASSERT_TRUE(store::write_file(path, wrong.dump()).ok());
    const Result<Quantiser> loaded = load(world.folder());
    ASSERT_FALSE(loaded.ok()) << field;
    EXPECT_EQ(loaded.error().kind, ErrorKind::user);
  }
}

/// Sets the flag when a step is logged, as a user's Ctrl-C would.
class StopAt : public train::TrainStep {
 public:
  StopAt(RqVaeStep* step, int64_t at, std::atomic<bool>* flag)
      : step_(*step), at_(at), flag_(*flag) {}
  train::NamedTensors parameters() override { return step_.parameters(); }
  train::NamedTensors buffers() override { return step_.buffers(); }
  Result<train::StepSums> gradients(int64_t step, train::LossLog* log) override {
    if (step == at_) flag_ = true;
    return step_.gradients(step, log);
  }
  Status updated(int64_t step) override { return step_.updated(step); }

 private:
  RqVaeStep& step_;
  int64_t at_;
  std::atomic<bool>& flag_;
};

TEST(RqVae, AnInterruptedRunEndsInTheSameBytes) {
  const Vectors vectors = sentences(300);
  const World whole(vectors), stopped(vectors);
  const RqVaeOptions options = {.levels = {32, 32},
                                .layers = {16},
                                .latent = 8,
                                .epochs = 12,
                                .batch = 128,
                                .standardise = true,
                                .resets = 2,
                                .last_level = {},
                                .stream = 5};
  const auto plan = train::read_optimizer({{"is", "AdamW"}, {"lr", 1e-2}}, "a test");
  train::LoopSpec spec{"codebook `sid`", "sid", 36, {}, "one"};
  RqVaeStep step(vectors, options);
  train::LoopSite site;
  site.work = whole.folder();
  ASSERT_TRUE(run_loop(spec, &step, *plan, site).ok());

  std::atomic<bool> flag = false;
  site.work = stopped.folder();
  site.interrupt = &flag;
  for (const int64_t at : {5, 16}) {  // in the middle of an epoch, after a reset
    RqVaeStep part(vectors, options);
    StopAt stopping(&part, at, &flag);
    flag = false;
    EXPECT_EQ(run_loop(spec, &stopping, *plan, site).error().kind, ErrorKind::interrupted);
  }
  flag = false;
  RqVaeStep rest(vectors, options);
  ASSERT_TRUE(run_loop(spec, &rest, *plan, site).ok());
  EXPECT_EQ(numbers(rest.quantiser()), numbers(step.quantiser()));
  EXPECT_EQ(*rest.quantiser().encode(vectors), *step.quantiser().encode(vectors));
}

TEST(RqVae, LogsReconstructionAndUsage) {
  const World world(sentences(300));
  const Result<Codes> codes = world.learn(recipe(3));
  ASSERT_TRUE(codes.ok());
  std::ifstream log(codes->log);
  std::string line, last;
  while (std::getline(log, line)) last = line;
  const Json row = Json::parse(last);
  EXPECT_EQ(row["step"], 9);
  EXPECT_EQ(row["levels"].size(), 3u);
  EXPECT_GT(row["quantities"]["reconstruction"], 0);
  EXPECT_GT(row["quantities"]["usage 3"], 0.2);
  EXPECT_LE(row["quantities"]["usage 3"], 1);
}

TEST(RqVae, GradientsAreThoseOfTheLoss) {
  // one level: the loss as written in rq_vae.h, with the codes that the step chose
  const Vectors vectors = sentences(40, 6);
  const RqVaeOptions options = {.levels = {4},
                                .layers = {},
                                .latent = 3,
                                .beta = 0.5,
                                .weight = 2,
                                .epochs = 1,
                                .batch = 40,
                                .last_level = {},
                                .stream = 9};
  RqVaeStep step(vectors, options);
  std::map<std::string, at::Tensor> p;
  for (const auto& [name, tensor] : step.parameters())
    p[name] = tensor.detach().clone().requires_grad_();
  const Result<train::StepSums> sums = step.gradients(0, nullptr);
  ASSERT_TRUE(sums.ok());
  const at::Tensor x = at::tensor(vectors.values).view({40, 6});
  const at::Tensor z = at::addmm(p["encoder.0.bias"], x, p["encoder.0.weight"].t());
  const at::Tensor chosen = at::cdist(z, p["level.0"]).argmin(1).detach();
  const at::Tensor code = p["level.0"].index_select(0, chosen);
  const at::Tensor out =
      at::addmm(p["decoder.0.bias"], z + (code - z).detach(), p["decoder.0.weight"].t());
  const at::Tensor loss =
      (out - x).square().mean() +
      2 * ((z.detach() - code).square().mean() + 0.5 * (z - code.detach()).square().mean());
  loss.backward();
  EXPECT_NEAR(sums->loss, loss.item<double>(), 1e-5);
  for (const auto& [name, tensor] : step.parameters())
    EXPECT_LT((tensor.grad() - p[name].grad()).abs().max().item<double>(), 1e-5) << name;
}

TEST(Sinkhorn, BothMarginalsAreEven) {
  at::manual_seed(1);
  const at::Tensor plan = sinkhorn(at::rand({40, 8}), {.eps = 0.05, .iterations = 400}).exp();
  EXPECT_LT((plan.sum(1) - 1.0 / 40).abs().max().item<double>(), 1e-6);
  EXPECT_LT((plan.sum(0) - 1.0 / 8).abs().max().item<double>(), 1e-6);
}

TEST(Sinkhorn, ASmallEpsIsFiniteAndSpreadsARowOfEquals) {
  // all rows prefer code 0; an even plan gives every code some of them
  at::Tensor distances = at::rand({64, 8}) * 0.1 + 1;
  distances.select(1, 0).sub_(0.9);
  const at::Tensor plan = sinkhorn(distances, {.eps = 0.003, .iterations = 50});
  EXPECT_TRUE(plan.isfinite().all().item<bool>());
  EXPECT_EQ(std::get<0>(at::_unique(plan.argmax(1))).size(0), 8);
}

}  // namespace
}  // namespace rexp::quantiser
