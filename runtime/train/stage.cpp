#include "runtime/train/stage.h"

#include <algorithm>
#include <bit>
#include <chrono>
#include <cmath>
#include <optional>
#include <utility>

#include "runtime/abi/row_helpers.h"
#include "runtime/base/random.h"
#include "runtime/model/device.h"
#include "runtime/train/checkpoint.h"
#include "runtime/train/loss.h"
#include "runtime/train/prefetch.h"
#include "runtime/train/stage_log.h"
#include "runtime/train/trainer.h"

namespace rexp::train {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

bool stopped(const StageInputs& in) {
  return in.interrupt != nullptr && in.interrupt->load(std::memory_order_relaxed);
}

Error interrupted() { return Error{ErrorKind::interrupted, "interrupted", {}, {}, 0}; }

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
  return {};
}

// Every token that the stage will see gets a row; returns how many were added.
Result<int64_t> grow_vocabulary(const StageInputs& in, int64_t rows, model::ModelArtifact* model) {
  std::vector<int32_t> ids;
  if (model->vocabulary.kind() == model::Vocabulary::Kind::grows) {
    const auto look = [&](int64_t position) {
      if (in.progress != nullptr)
        in.progress->update({in.spec->stage, "look", position, rows, 0, 0, 0});
      return !stopped(in);
    };
    Result<std::vector<int32_t>> seen = ids_of_stream(in.source, rows, look);
    if (!seen.ok()) return seen.error();
    ids = std::move(*seen);
    // with the parts of its tokens, so that the saved folder's tokenizer encodes these texts alike
    if (in.tokenizer != nullptr) ids = in.tokenizer->with_parts(ids);
  }
  return grow(in.spec->stage, in.codebooks, ids, stream(in.stream, "added rows"), model);
}

Prefetch::Make batch_maker(const StageInputs& in, int64_t rows, RowOfId row_of_id,
                           int64_t micro_tokens) {
  return
      [&in, rows, row_of_id = std::move(row_of_id), micro_tokens](int64_t step) -> Result<Batch> {
        std::vector<Example> examples;
        const int64_t end = std::min(rows, (step + 1) * in.spec->batch);
        for (int64_t position = step * in.spec->batch; position < end; ++position) {
          Result<Example> example = in.source->make(position);
          if (!example.ok()) return example.error();
          examples.push_back(std::move(*example));
        }
        return pack(step, examples, row_of_id, in.spec->loss->level_weight, micro_tokens);
      };
}

Error not_finite(const StageSpec& spec, int64_t step, int64_t total, const StepOutcome& outcome) {
  const std::string what = std::isfinite(outcome.loss) ? "the gradient" : "the loss";
  return user_error(what + " of stage `" + spec.stage + "` is not finite at step " +
                        std::to_string(step + 1) + " of " + std::to_string(total),
                    "lower the learning rate, lengthen the warm-up or clip the gradient; nothing "
                    "of this step was kept");
}

// The loop over steps: training, log, progress, checkpoints.
class Loop {
 public:
  Loop(const StageInputs& in, const model::Config& config, model::Weights weights, int64_t total,
       std::string run)
      : in_(in),
        trainer_(*in.spec, config, std::move(weights), stream(in.stream, "dropout")),
        total_(total) {
    info_.run = std::move(run);
  }

  /// Continues from the last checkpoint of this run, if there is one.
  Status restore() {
    Result<std::optional<CheckpointInfo>> found =
        load_checkpoint(in_.work, info_.run, trainer_.state());
    if (!found.ok()) return found.error();
    if (found->has_value()) {
      info_ = **found;
      trainer_.optimizer().set_steps(info_.optimizer_steps);
    }
    Result<StageLog> log = StageLog::open(in_.work, info_.log_bytes, total_);
    if (!log.ok()) return log.error();
    log_ = std::move(*log);
    return {};
  }

  Status run(const Prefetch::Make& make, StageResult* result) {
    Prefetch batches(info_.step, total_, make);
    start_ = last_checkpoint_ = Clock::now();
    first_step_ = info_.step;
    while (std::optional<Result<Batch>> batch = batches.next()) {
      if (!batch->ok()) return batch->error();
      REXP_TRY(one(**batch, result));
      if (stopped(in_) && info_.step < total_) {
        REXP_TRY(save());
        return interrupted();
      }
      if (due()) REXP_TRY(save());
    }
    result->seconds = seconds_since(start_);
    result->steps = info_.step;
    result->dropped = info_.dropped;
    result->skipped = info_.step - info_.optimizer_steps;
    return {};
  }

  model::Weights& weights() { return trainer_.weights(); }

 private:
  Status one(const Batch& batch, StageResult* result) {
    const Result<double> factor =
        in_.schedule ? in_.schedule(batch.step, total_) : Result<double>(1.0);
    if (!factor.ok()) return factor.error();
    if (!std::isfinite(*factor) || *factor < 0) {
      return user_error("the schedule of stage `" + in_.spec->stage + "` is " +
                        std::to_string(*factor) + " at step " + std::to_string(batch.step) +
                        ", it must be a number of at least 0");
    }
    if (batch.labels > 0) {
      const StepOutcome outcome =
          trainer_.step(batch, *factor, [&](const Packed& part, const at::Tensor& losses) {
            for (size_t i = 0; i < part.levels.size(); ++i)
              log_.add(part.levels[i], part.tasks[i], losses.const_data_ptr<float>()[i]);
          });
      if (!outcome.finite) return not_finite(*in_.spec, batch.step, total_, outcome);
      log_.add_step(outcome.loss, batch.tokens);
      result->last_loss = outcome.loss;
    }
    info_.step = batch.step + 1;
    info_.optimizer_steps = trainer_.optimizer().steps();
    info_.dropped += batch.dropped;
    result->tokens += batch.tokens;
    report(*result);
    return log_.write(info_.step, in_.spec->optimizer->lr * *factor, seconds_since(start_));
  }

  void report(const StageResult& result) {
    if (in_.progress == nullptr) return;
    const double seconds = std::max(1e-9, seconds_since(start_));
    const auto done = static_cast<double>(info_.step - first_step_);
    in_.progress->update({in_.spec->stage, "train", info_.step, total_, result.last_loss,
                          static_cast<double>(result.tokens) / seconds,
                          seconds / done * static_cast<double>(total_ - info_.step)});
  }

  bool due() const {
    if (info_.step == total_) return false;
    if (in_.checkpoint_steps > 0 && info_.step % in_.checkpoint_steps == 0) return true;
    return in_.checkpoint_seconds > 0 && seconds_since(last_checkpoint_) >= in_.checkpoint_seconds;
  }

  Status save() {
    info_.log_bytes = log_.bytes();
    REXP_TRY(save_checkpoint(in_.work, info_, trainer_.state()));
    last_checkpoint_ = Clock::now();
    return {};
  }

  const StageInputs& in_;
  Trainer trainer_;
  int64_t total_;
  CheckpointInfo info_;
  StageLog log_;
  Clock::time_point start_, last_checkpoint_;
  int64_t first_step_ = 0;
};

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
  REXP_TRY(write_samples(in.work, in.source, rows, in.tokenizer, in.codebooks));

  const std::string run = std::to_string(in.stream) + "/" + std::to_string(total) + "/" +
                          std::to_string(model.weights.rows());
  Loop loop(in, model.config, model.weights.copy(*device), total, run);
  REXP_TRY(loop.restore());
  const int64_t micro_tokens =
      in.micro_tokens > 0 ? in.micro_tokens : default_micro_tokens(model.config);
  REXP_TRY(loop.run(batch_maker(in, rows, row_of_id(model.vocabulary), micro_tokens), &result));
  if (in.progress != nullptr) in.progress->done();
  model.weights = loop.weights().copy(at::kCPU);
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
    return internal_error("training of stage `" + inputs.spec->stage + "` failed: " + error.what());
  }
}

void finish_stage(const std::string& work) { remove_checkpoint(work); }

}  // namespace rexp::train
