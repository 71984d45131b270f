// A toy world for the tests of runtime/train: a tiny model and a stream of made-up sequences.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "runtime/base/json.h"
#include "runtime/base/random.h"
#include "runtime/model/artifact.h"
#include "runtime/train/objective.h"
#include "runtime/train/optimizer.h"
#include "runtime/train/stage.h"

namespace rexp::train::toy {

inline model::Config config(int64_t vocab) {
  model::Config config;
  config.hidden = 32;
  config.layers = 2;
  config.heads = 4;
  config.kv_heads = 2;
  config.head_dim = 8;
  config.ffn = 64;
  config.vocab = vocab;
  config.max_positions = 128;
  return config;
}

/// A model that owns the ids 0..vocab-1; `grows` or, like a published model, full.
inline model::ModelArtifact artifact(int64_t vocab, bool grows = true) {
  model::ModelArtifact model;
  model.config = config(vocab);
  model.weights = model::random_weights(model.config, 7);
  std::vector<int32_t> ids(vocab);
  for (int32_t i = 0; i < vocab; ++i) ids[i] = i;
  model.vocabulary = grows ? model::Vocabulary::grows(ids) : model::Vocabulary::full(vocab);
  return model;
}

/// Sequences that count upwards modulo `ids` from a random start; all but the first token trained; levels 1, 2, 1, 2, ..
class Counting : public ExampleSource {
 public:
  Counting(int64_t rows, int32_t ids, int32_t length) : rows_(rows), ids_(ids), length_(length) {}
  int64_t epoch_rows() const override { return rows_; }
  int64_t tasks() const override { return 1; }

  Result<Example> make(int64_t position) override {
    if (on_make) on_make(position);
    Example example;
    example.row = position % rows_;
    const uint64_t s = stream(3, static_cast<uint64_t>(position));
    const auto start = static_cast<int32_t>(below(s, 0, static_cast<uint64_t>(ids_)));
    const auto size =
        length_ - static_cast<int32_t>(below(s, 1, static_cast<uint64_t>(length_ / 2)));
    for (int32_t i = 0; i < size; ++i) {
      example.ids.push_back((start + i) % ids_ + first_id);
      example.trained.push_back(trained && i > 0);
      example.levels.push_back(static_cast<uint8_t>(1 + i % 2));
    }
    return example;
  }

  int32_t first_id = 0;
  bool trained = true;
  std::function<void(int64_t)> on_make;

 private:
  int64_t rows_;
  int32_t ids_, length_;
};

/// Sets the optimizer and the loss of a stage as their components' fields say.
inline void choose(StageSpec* spec, const nlohmann::json& optimizer,
                   const nlohmann::json& loss = {{"is", "CrossEntropy"}}) {
  spec->optimizer = std::make_shared<const OptimizerPlan>(*read_optimizer(optimizer, "toy"));
  spec->loss = std::make_shared<const LossPlan>(*read_loss(loss, "toy"));
}

/// The objective of a stage without codebooks.
inline std::unique_ptr<Objective> objective(const StageSpec& spec) {
  const std::vector<CodebookInput> none;
  const RowOfId rows;
  return std::move(*spec.loss->make({none, rows, "toy"}));
}

inline StageSpec spec(int64_t steps, int64_t batch) {
  StageSpec spec;
  spec.stage = "toy";
  spec.steps = steps;
  spec.batch = batch;
  spec.window = 128;
  choose(&spec, {{"is", "AdamW"}, {"lr", 1e-2}});
  spec.tasks = {{"counting", 0, 0, 1.0}};
  return spec;
}

/// Checkpoints go to `work` after every step.
inline StageInputs inputs(const StageSpec& spec, ExampleSource* source, const std::string& work) {
  StageInputs in;
  in.spec = &spec;
  in.source = source;
  in.stream = 11;
  in.work = work;
  in.checkpoint_seconds = 0;
  return in;
}

}  // namespace rexp::train::toy
