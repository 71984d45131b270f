#include "runtime/train/stage.h"

#include <algorithm>
#include <utility>

#include "runtime/abi/row_helpers.h"
#include "runtime/base/fault.h"
#include "runtime/base/random.h"
#include "runtime/model/device.h"
#include "runtime/train/checkpoint.h"
#include "runtime/train/language_step.h"
#include "runtime/train/new_rows.h"
#include "runtime/train/objective.h"
#include "runtime/train/optimizer.h"
#include "runtime/train/stage_log.h"

namespace rexp::train {
namespace {

Status check(const model::ModelArtifact& model, const StageInputs& in) {
  const StageSpec& spec = *in.spec;
  if (in.source->epoch_rows() <= 0) {
    return user_error("stage `" + spec.stage + "` has no rows to learn from",
                      "loosen the `where` of its tasks");
  }
  if (spec.window > model.config.max_positions) {
    return user_error("the window of stage `" + spec.stage + "` is " + std::to_string(spec.window) +
                          " tokens, its model has " + std::to_string(model.config.max_positions) +
                          " positions",
                      "lower `window` to at most " + std::to_string(model.config.max_positions));
  }
  return check_new_rows(spec, gained_by(model, in.codebooks));
}

// Every token that the stage will see gets a row; returns how many were added.
Result<int64_t> grow_vocabulary(const StageInputs& in, int64_t rows, model::ModelArtifact* model) {
  std::vector<int32_t> ids;
  if (model->vocabulary.kind() == model::Vocabulary::Kind::grows) {
    const auto look = [&](int64_t position) {
      if (in.progress != nullptr)
        in.progress->update({in.spec->stage, "look", position, rows, 0, 0, 0});
      return in.interrupt == nullptr || !in.interrupt->load(std::memory_order_relaxed);
    };
    Result<std::vector<int32_t>> seen = ids_of_stream(in.source, rows, look);
    if (!seen.ok()) return seen.error();
    ids = std::move(*seen);
    // with the parts of its tokens, so that the saved folder's tokenizer encodes these texts alike
    if (in.tokenizer != nullptr) ids = in.tokenizer->with_parts(ids);
  }
  return grow(*in.spec, in.codebooks, ids, stream(in.stream, "added rows"), model);
}

Prefetch::Make batch_maker(const StageInputs& in, int64_t rows, const RowOfId& row_of_id,
                           const Objective& objective, int64_t micro_tokens) {
  return [&in, rows, &row_of_id, &objective, micro_tokens](int64_t step) -> Result<Batch> {
    std::vector<Example> examples;
    const int64_t end = std::min(rows, (step + 1) * in.spec->batch);
    // of several processes each makes its share
    const int64_t first = in.group != nullptr ? in.group->rank() : 0,
                  stride = in.group != nullptr ? in.group->size() : 1;
    for (int64_t position = step * in.spec->batch + first; position < end; position += stride) {
      Result<Example> example = in.source->make(position);
      if (!example.ok()) return example.error();
      example->position = position;
      examples.push_back(std::move(*example));
    }
    return pack(step, examples, row_of_id, in.spec->loss->level_weight, micro_tokens, &objective);
  };
}

/// The stage's, or what is fastest here; of processes that train together, on every one's machine.
Result<model::Precision> precision_of(const StageInputs& in, at::Device device) {
  const model::Precision here = model::pick_precision(in.spec->precision, device);
  if (in.group == nullptr) return here;
  std::vector<double> in_bf16 = {here == model::Precision::bf16 ? 1.0 : 0.0};
  REXP_TRY(in.group->sum(in_bf16));
  return in_bf16[0] == in.group->size() ? model::Precision::bf16 : model::Precision::fp32;
}

Result<StageResult> run_checked(model::ModelArtifact model, const StageInputs& in) {
  const StageSpec& spec = *in.spec;
  REXP_TRY(check(model, in));
  const int64_t rows = spec.total_rows(in.source->epoch_rows()),
                total = spec.total_steps(in.source->epoch_rows());
  StageResult result;
  model.weights.merge_rows();
  const Result<int64_t> added = grow_vocabulary(in, rows, &model);
  if (!added.ok()) return added.error();
  result.added_rows = *added;
  if (spec.trains == Trains::added_embeddings && result.added_rows == 0) {
    return user_error(
        "stage `" + spec.stage +
            "` trains added embeddings only, but its model owns every token already",
        "say `trains = everything`, or `adds` a codebook that the model does not own");
  }
  const Result<at::Device> device = model::pick_device(in.device);
  if (!device.ok()) return device.error();
  const Result<model::Precision> precision = precision_of(in, *device);
  if (!precision.ok()) return precision.error();
  result.precision = *precision;
  if (in.group == nullptr || in.group->leads())
    REXP_TRY(write_samples(in.work, in.source, rows, in.tokenizer, in.codebooks));

  const RowOfId row_of = row_of_id(model.vocabulary);
  const std::string where = "stage `" + spec.stage + "`";
  auto objective = spec.loss->make({in.codebooks, row_of, where});
  if (!objective.ok()) return objective.error();
  const int64_t micro_tokens =
      in.micro_tokens > 0 ? in.micro_tokens : default_micro_tokens(model.config);
  const LanguageOptions options = {objective->get(), spec.trains, spec.dropout,
                                   stream(in.stream, "dropout"), *precision};
  LanguageStep step(model.config, model.weights.copy(*device), options,
                    batch_maker(in, rows, row_of, **objective, micro_tokens));
  LoopSpec loop{where, spec.stage, total, in.schedule, {}};
  loop.fingerprint = std::to_string(in.stream) + "/" + std::to_string(total) + "/" +
                     std::to_string(model.weights.rows()) + "/" + to_string(*precision);
  const Result<LoopResult> done = run_loop(loop, &step, *spec.optimizer, in);
  if (!done.ok()) return done.error();
  static_cast<LoopResult&>(result) = *done;
  model.weights = step.weights().copy(at::kCPU);
  model.weights.merge_rows();
  result.model = std::move(model);
  return result;
}

}  // namespace

Schedule kernel_schedule(RexpRowFn fn, const RexpRowContext* context) {
  return [fn, context](int64_t step, int64_t total) -> Result<double> {
    abi::SinkBuffer sink;
    const RexpRowContext none{};
    const int64_t slots[] = {step, total};
    const int32_t status = fn(context != nullptr ? context : &none, slots, 0, sink.get());
    if (status != REXP_OK)
      return internal_error("the compiled schedule failed with status " + std::to_string(status));
    return sink.real();
  };
}

int64_t default_micro_tokens(const model::Config& config) {
  constexpr int64_t kActivationBytes = int64_t{1} << 30;
  // kept for the backward pass of one token: about a dozen vectors as wide as the model, four as wide as the feed-forward part
  const int64_t attention = (config.heads + 2 * config.kv_heads) * config.head_dim;
  const int64_t per_token =
      config.layers * (6 * config.hidden + 4 * attention + 4 * config.ffn) * 4;
  return std::clamp<int64_t>(kActivationBytes / per_token, 1024, 16384);
}

Result<StageResult> run_stage(model::ModelArtifact model, const StageInputs& inputs) {
  try {
    return run_checked(std::move(model), inputs);
  } catch (const std::exception& error) {
    return fault(error, "training of stage `" + inputs.spec->stage + "`");
  }
}

}  // namespace rexp::train
