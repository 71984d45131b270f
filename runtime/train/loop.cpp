#include "runtime/train/loop.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <optional>
#include <utility>

#include "runtime/train/checkpoint_writer.h"
#include "runtime/train/stage_log.h"
#include "runtime/train/together.h"

namespace rexp::train {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

class Loop {
 public:
  Loop(const LoopSpec& spec, TrainStep* step, const OptimizerPlan& optimizer, const LoopSite& site)
      : spec_(spec), site_(site), step_(*step), optimizer_(optimizer.make(step->parameters())) {
    lr_ = optimizer.lr;
    info_.run = spec.fingerprint;
    writer_.emplace(site.work, state());
  }

  /// Continues from the last checkpoint of this run, if there is one.
  Status restore() {
    if (leads()) REXP_TRY(read_work());
    if (site_.group != nullptr) REXP_TRY(begin_alike(*site_.group, &info_, state()));
    optimizer_->set_steps(info_.optimizer_steps);
    return {};
  }

  Result<LoopResult> run() {
    start_ = last_checkpoint_ = Clock::now();
    first_step_ = info_.step;
    step_.start(info_.step, spec_.total);
    while (!done()) {
      REXP_TRY(one());
      if (stopped() && !done()) {
        REXP_TRY(save());
        REXP_TRY(writer_->wait());
        return Error{ErrorKind::interrupted, "interrupted", {}, {}, 0};
      }
      if (due()) REXP_TRY(save());
    }
    if (site_.progress != nullptr) site_.progress->done();
    result_.seconds = seconds_since(start_);
    result_.steps = info_.step;
    result_.dropped = info_.dropped;
    result_.skipped = info_.step - info_.optimizer_steps;
    return result_;
  }

 private:
  bool done() const { return info_.step == spec_.total || step_.finished(); }
  bool interrupted() const {
    return site_.interrupt != nullptr && site_.interrupt->load(std::memory_order_relaxed);
  }
  /// Several processes stop after the step in which they have told each other.
  bool stopped() const { return site_.group != nullptr ? told_to_stop_ : interrupted(); }
  /// The work folder, the log and what people see are process 0's.
  bool leads() const { return site_.group == nullptr || site_.group->leads(); }

  Status read_work() {
    bool passed_over = false;
    const auto damaged = [&](const std::string& what) {
      std::fprintf(stderr, "rexp: %s: %s; it is passed over\n", spec_.name.c_str(), what.c_str());
      passed_over = true;
    };
    Result<std::optional<CheckpointInfo>> found =
        load_checkpoint(site_.work, info_.run, state(), damaged);
    if (!found.ok()) return found.error();
    if (found->has_value()) info_ = **found;
    if (passed_over) {
      std::fprintf(stderr, "rexp: %s continues after step %lld\n", spec_.name.c_str(),
                   static_cast<long long>(info_.step));
    }
    Result<StageLog> log = StageLog::open(site_.work, info_.log_bytes, info_.log_sums, spec_.total);
    if (!log.ok()) return log.error();
    log_ = std::move(*log);
    return {};
  }

  /// Every tensor that a step changes.
  NamedTensors state() const {
    NamedTensors state = optimizer_->parameters();
    for (auto& kept : step_.buffers()) state.push_back(std::move(kept));
    for (auto& kept : optimizer_->state()) state.push_back(std::move(kept));
    return state;
  }

  Result<double> factor(int64_t step) const {
    const Result<double> factor =
        spec_.schedule ? spec_.schedule(step, spec_.total) : Result<double>(1.0);
    if (!factor.ok() || (std::isfinite(*factor) && *factor >= 0)) return factor;
    return user_error("the schedule of " + spec_.name + " is " + std::to_string(*factor) +
                      " at step " + std::to_string(step) + ", it must be a number of at least 0");
  }

  Status one() {
    const int64_t step = info_.step;
    const Result<double> rate = factor(step);
    if (!rate.ok()) return rate.error();
    StepShare seen;
    const Result<StepSums> own = step_.gradients(step, &seen.losses);
    if (!own.ok()) return own.error();
    seen.sums = *own;
    if (site_.group != nullptr) {
      seen.stop = interrupted();
      REXP_TRY(combine(*site_.group, &seen, optimizer_->parameters()));
      told_to_stop_ = seen.stop;
    }
    const StepSums& sums = seen.sums;
    if (sums.labels > 0) {
      REXP_TRY(update(sums, *rate));
      log_.add_step(sums.loss, seen.losses);
      result_.last_loss = sums.loss;
    }
    info_.step = step + 1;
    info_.optimizer_steps = optimizer_->steps();
    info_.dropped += sums.dropped;
    result_.tokens += sums.tokens;
    report();
    if (!leads()) return {};
    return log_.write(info_.step, lr_ * *rate);
  }

  Status update(const StepSums& sums, double rate) {
    const double norm = optimizer_->clip();
    if (!std::isfinite(sums.loss) || !std::isfinite(norm)) {
      const std::string what = std::isfinite(sums.loss) ? "the gradient" : "the loss";
      return user_error(what + " of " + spec_.name + " is not finite at step " +
                            std::to_string(info_.step + 1) + " of " + std::to_string(spec_.total),
                        "lower the learning rate, lengthen the warm-up or clip the gradient; "
                        "nothing of this step was kept");
    }
    optimizer_->step(rate);
    return step_.updated(info_.step);
  }

  void report() const {
    if (site_.progress == nullptr) return;
    const double seconds = std::max(1e-9, seconds_since(start_));
    const auto done = static_cast<double>(info_.step - first_step_);
    site_.progress->update({spec_.label, "train", info_.step, spec_.total, result_.last_loss,
                            static_cast<double>(result_.tokens) / seconds,
                            seconds / done * static_cast<double>(spec_.total - info_.step)});
  }

  bool due() const {
    if (!leads() || done()) return false;
    if (site_.checkpoint_steps > 0 && info_.step % site_.checkpoint_steps == 0) return true;
    const double since = seconds_since(last_checkpoint_);
    return site_.checkpoint_seconds > 0 && since >= site_.checkpoint_seconds &&
           writer_->affordable(since);
  }

  Status save() {
    if (!leads()) return {};
    info_.log_bytes = log_.bytes();
    info_.log_sums = log_.sums();
    last_checkpoint_ = Clock::now();
    return writer_->start(info_, state());
  }

  const LoopSpec& spec_;
  const LoopSite& site_;
  TrainStep& step_;
  std::unique_ptr<Optimizer> optimizer_;
  double lr_ = 0;
  CheckpointInfo info_;
  StageLog log_;
  std::optional<CheckpointWriter> writer_;
  LoopResult result_;
  Clock::time_point start_, last_checkpoint_;
  int64_t first_step_ = 0;
  bool told_to_stop_ = false;
};

}  // namespace

Result<LoopResult> run_loop(const LoopSpec& spec, TrainStep* step, const OptimizerPlan& optimizer,
                            const LoopSite& site) {
  Loop loop(spec, step, optimizer, site);
  REXP_TRY(loop.restore());
  return loop.run();
}

}  // namespace rexp::train
