// One training stage, a function from a model to a model.
//
//   StageInputs in;
//   in.spec = &spec; in.source = &source; in.schedule = kernel_schedule(fn); in.codebooks = placed; in.stream = stream(seed, node);
//   in.work = "store/work/ab12"; in.interrupt = &stop;
//   Result<StageResult> out = run_stage(std::move(model), in);     // ErrorKind::interrupted when stopped: run again to continue
//
// Same inputs, same machine and same number of threads give the same bytes, interrupted or not.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "runtime/abi/abi.h"
#include "runtime/base/result.h"
#include "runtime/model/artifact.h"
#include "runtime/text/tokenizer.h"
#include "runtime/train/example.h"
#include "runtime/train/loop.h"
#include "runtime/train/stage_spec.h"
#include "runtime/train/vocabulary_growth.h"

namespace rexp::train {

/// A compiled schedule: slots step, total; its value is the bits of a double.
Schedule kernel_schedule(RexpRowFn fn, const RexpRowContext* context = nullptr);

struct StageInputs : LoopSite {
  const StageSpec* spec = nullptr;
  ExampleSource* source = nullptr;
  Schedule schedule;                           // empty: constant
  std::vector<CodebookInput> codebooks;        // from place_codebooks
  const text::Tokenizer* tokenizer = nullptr;  // prints samples; null: samples have ids only
  uint64_t stream = 0;                         // of the node: dropout and new rows
  std::string device = "cpu";
  int64_t micro_tokens = 0;  // tokens of one micro-batch; 0: from the size of the model
};

struct StageResult : LoopResult {
  model::ModelArtifact model;
  int64_t added_rows = 0;  // of the embedding matrix
  model::Precision precision = model::Precision::fp32;
};

/// Trains. Leaves `log.jsonl` and `samples.jsonl` in `work`, and the last checkpoint, until
/// `remove_checkpoints` is called or the folder goes.
/// User errors: loss not finite (step, advice; the model is not returned), an example that does not fit, nothing to train.
Result<StageResult> run_stage(model::ModelArtifact model, const StageInputs& inputs);

/// Tokens of one micro-batch for a model of this shape: what keeps its activations near a fixed memory.
int64_t default_micro_tokens(const model::Config& config);

}  // namespace rexp::train
