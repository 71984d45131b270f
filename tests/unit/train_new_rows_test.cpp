// Where the rows of added tokens begin.
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "runtime/train/new_rows.h"
#include "tests/unit/train_toy.h"

namespace rexp::train {
namespace {

constexpr int32_t kOwned = 40;

/// Two levels of four codes, two places for clashes, a mark before and behind: 12 tokens.
codebook::Codebook book() {
  codebook::Codebook book;
  book.name = "sid";
  book.level_sizes = {4, 4, 2};
  book.extra_level = true;
  book.open = "<";
  book.close = ">";
  for (int32_t i = 0; i < 8; ++i) book.codes.push_back({i % 4, i / 4, 0});
  return book;
}

/// Centroids of each level, `width` numbers each; those of one level lie far from the origin, those of the other are small.
std::vector<codebook::Vectors> centroids(int32_t width) {
  std::vector<codebook::Vectors> levels;
  for (uint64_t level = 0; level < 2; ++level) {
    codebook::Vectors& vectors = levels.emplace_back(codebook::Vectors{4, width, {}});
    for (uint64_t i = 0; i < 4 * static_cast<uint64_t>(width); ++i) {
      const double drawn = normal_pair(stream(5, level), i).first;
      vectors.values.push_back(static_cast<float>(level == 0 ? 7 + drawn : 0.01 * drawn));
    }
  }
  return levels;
}

struct World {
  explicit World(bool tied, int32_t width = 8) : levels(centroids(width)) {
    model.config = toy::config(kOwned);
    model.config.tied = tied;
    model.weights = model::random_weights(model.config, 7);
    model.weights.embedding.add_(3);  // rows that lie around something else than the origin
    if (!tied) model.weights.head.mul_(5).sub_(1);
    std::vector<int32_t> ids;
    for (int32_t id = 0; id < kOwned; ++id) ids.push_back(id);
    model.vocabulary = model::Vocabulary::grows(ids);
    inputs = {{&codes, codebook::consecutive_ids(codes, kOwned), false, &levels}};
  }

  /// What the stage adds to the embedding, and to the head of an untied model.
  std::vector<std::pair<at::Tensor, at::Tensor>> grown(NewRows kind, uint64_t stream = 11) const {
    StageSpec spec = toy::spec(1, 1);
    spec.new_rows = kind;
    model::ModelArtifact out = model;
    EXPECT_TRUE(grow(spec, inputs, {}, stream, &out).ok());
    std::vector<std::pair<at::Tensor, at::Tensor>> both = {
        {model.weights.embedding, out.weights.embedding_new}};
    if (!model.config.tied) both.emplace_back(model.weights.head, out.weights.head_new);
    return both;
  }

  codebook::Codebook codes = book();
  std::vector<codebook::Vectors> levels;
  model::ModelArtifact model;
  std::vector<CodebookInput> inputs;
};

/// How far rows are from the mean of the matrix, as a share of how far its own rows are.
double deviation(const at::Tensor& matrix, const at::Tensor& rows) {
  const at::Tensor mean = matrix.mean(0, true);
  const auto size = [&](const at::Tensor& t) {
    return (t - mean).square().mean().sqrt().item<double>();
  };
  return size(rows) / size(matrix);
}

/// Distances of every two rows, in the order of the pairs.
at::Tensor distances(const at::Tensor& rows) { return at::pdist(rows); }

/// Their cosines, as they are seen from their mean.
at::Tensor cosines(const at::Tensor& rows) {
  const at::Tensor from = rows - rows.mean(0, true), unit = from / from.norm(2, 1, true);
  const at::Tensor pairs = at::triu_indices(rows.size(0), rows.size(0), 1);
  return (unit.index_select(0, pairs[0]) * unit.index_select(0, pairs[1])).sum(1);
}

at::Tensor of_level(const codebook::Vectors& level) {
  return at::tensor(level.values).view({level.rows, level.size});
}

TEST(NewRows, RandomOnesAreDrawnAsTheyAlwaysWere) {
  const World world(/*tied=*/false);
  const char* names[] = {"embedding", "head"};
  const auto both = world.grown(NewRows::random);
  for (size_t i = 0; i < 2; ++i) {
    const auto& [matrix, rows] = both[i];
    EXPECT_TRUE(rows.equal(model::random_rows(world.inputs[0].ids, 32, matrix.std().item<double>(),
                                              stream(11, names[i]))));
  }
}

TEST(NewRows, MeanOfTheRowsAndALittleNoise) {
  for (const bool tied : {true, false}) {
    const World world(tied);
    const auto both = world.grown(NewRows::mean_text), again = world.grown(NewRows::mean_text),
               other = world.grown(NewRows::mean_text, 12);
    ASSERT_EQ(both.size(), tied ? 1u : 2u);
    for (size_t i = 0; i < both.size(); ++i) {
      const auto& [matrix, rows] = both[i];
      ASSERT_EQ(rows.size(0), 12);
      EXPECT_NEAR(deviation(matrix, rows), 0.1, 0.02);
      EXPECT_GT(distances(rows).min().item<double>(), 0) << "no two rows are alike";
      EXPECT_TRUE(rows.equal(again[i].second));
      EXPECT_FALSE(rows.equal(other[i].second));
    }
  }
}

TEST(NewRows, CodesThatAreNearInTheCodebookBeginNear) {
  for (const bool tied : {true, false}) {
    const World world(tied);
    const auto both = world.grown(NewRows::codebook);
    for (const auto& [matrix, rows] : both) {
      for (int64_t level = 0; level < 2; ++level) {
        const at::Tensor codes = rows.narrow(0, 4 * level, 4);
        const at::Tensor given = of_level(world.levels[level]);
        EXPECT_NEAR(deviation(matrix, codes), 1, 1e-3) << "as far as the rows of the matrix";
        const at::Tensor ratio = distances(codes) / distances(given);
        EXPECT_NEAR((ratio.max() / ratio.min()).item<double>(), 1, 1e-3) << "one factor for all";
        EXPECT_TRUE(cosines(codes).argsort().equal(cosines(given).argsort()));
      }
      EXPECT_NEAR(deviation(matrix, rows.narrow(0, 8, 4)), 0.1, 0.03)
          << "places for clashes and marks are no codes of the quantiser";
    }
    EXPECT_FALSE(both.back().second.equal(world.grown(NewRows::codebook, 12).back().second));
  }
}

TEST(NewRows, ANarrowModelKeepsWhatIsFarApart) {
  World world(/*tied=*/true, /*width=*/200);
  codebook::Vectors& level = world.levels[0];
  for (int32_t i = 0; i < level.size; ++i)
    level.row(1)[i] = level.row(0)[i] + 0.01f * level.row(2)[i];
  const at::Tensor codes = world.grown(NewRows::codebook)[0].second.narrow(0, 0, 4);
  const at::Tensor between = distances(codes);  // 01 02 03 12 13 23
  EXPECT_LT(5 * between[0].item<double>(), between.narrow(0, 1, 5).min().item<double>());
}

TEST(NewRows, CentroidsThatAreAllAlikeTellNothing) {
  World world(/*tied=*/true);
  std::fill(world.levels[1].values.begin(), world.levels[1].values.end(), 0.5f);
  const auto [matrix, rows] = world.grown(NewRows::codebook)[0];
  EXPECT_TRUE(rows.isfinite().all().item<bool>());
  EXPECT_NEAR(deviation(matrix, rows.narrow(0, 4, 4)), 0.1, 0.03);
}

class NewRowsOfAStage : public testing::Test {
 protected:
  ~NewRowsOfAStage() override { std::filesystem::remove_all(work_); }
  Result<StageResult> run(const World& world) const {
    toy::Counting source(64, 8, 12);
    source.first_id = kOwned;
    StageSpec spec = toy::spec(60, 16);
    spec.adds = true;
    spec.new_rows = NewRows::codebook;
    StageInputs in;
    in.spec = &spec;
    in.source = &source;
    in.stream = 11;
    in.work = work_.string();
    in.codebooks = world.inputs;
    return run_stage(world.model, in);
  }
  const std::filesystem::path work_ =
      std::filesystem::temp_directory_path() / ("rexp_new_rows_" + std::to_string(::getpid()));
};

TEST_F(NewRowsOfAStage, LearnFromThere) {
  World world(/*tied=*/true);
  world.model.weights.embedding.sub_(3);
  const Result<StageResult> result = run(world);
  ASSERT_TRUE(result.ok()) << result.error().message;
  EXPECT_EQ(result->added_rows, 12);
  EXPECT_LT(result->last_loss, 0.5) << "it learns to count";
}

TEST_F(NewRowsOfAStage, NeedCentroidsOfTheCodebook) {
  World world(/*tied=*/true);
  world.levels.pop_back();
  EXPECT_EQ(run(world).error().message, "the quantiser does not have the levels of codebook `sid`");
  world.inputs[0].centroids = nullptr;
  const Error error = run(world).error();
  EXPECT_EQ(error.kind, ErrorKind::user);
  EXPECT_EQ(error.message,
            "stage `toy` begins rows at the centroids of codebook `sid`, which was not learnt on "
            "vectors, so it has none");
}

}  // namespace
}  // namespace rexp::train
