// RqVae {vectors, levels, layers, latent, beta, weight, length, batch, standardise, resets, optimizer, last_level}
#include "runtime/base/fields.h"
#include "runtime/base/random.h"
#include "runtime/base/registry.h"
#include "runtime/codebook/learn.h"
#include "runtime/quantiser/even_codes.h"
#include "runtime/quantiser/rq_vae.h"
#include "runtime/train/loop.h"

namespace rexp::quantiser {
namespace {

using codebook::Codes;
using codebook::LearnInput;

struct Arguments {
  RqVaeOptions options;
  int64_t vectors = 0;    // input
  int64_t schedule = -1;  // kernel; -1: constant
  std::optional<train::OptimizerPlan> optimizer;
};

void read_last_level(Fields* fields, RqVaeOptions* options) {
  const nlohmann::json* args = fields->find("last_level");
  if (args == nullptr) return;
  if (!args->is_object()) return fields->fail("last_level", *args, "an object");
  SinkhornOptions sinkhorn;
  Fields inner(*args, "`last_level` of the codebook's learner");
  inner.number("eps", &sinkhorn.eps, Fields::positive, "a positive number");
  inner.count("iterations", &sinkhorn.iterations, 1, "a whole number of at least 1");
  if (inner.error()) return fields->fail(*inner.error());
  options->last_level = sinkhorn;
}

Status read_optimizer(const nlohmann::json& args, const std::string& where, Arguments* out) {
  const nlohmann::json optimizer = args.value("optimizer", nlohmann::json());
  Result<train::OptimizerPlan> plan = train::read_optimizer(optimizer, where);
  if (!plan.ok()) return plan.error();
  out->optimizer = std::move(*plan);
  const nlohmann::json schedule = optimizer.value("schedule", nlohmann::json());
  if (schedule.is_null()) return {};
  Fields fields(schedule, "the schedule of " + where);
  fields.kernel("at", &out->schedule);
  return fields.status();
}

Result<Arguments> read(const nlohmann::json& args, const std::string& where) {
  Arguments out;
  RqVaeOptions& options = out.options;
  Fields fields(args, "the learner of " + where);
  fields.input("vectors", &out.vectors);
  constexpr const char* kList = "a list of whole numbers of at least 1";
  constexpr const char* kCount = "a whole number of at least 1";
  fields.counts("levels", &options.levels, 1, kList);
  if (const auto* layers = fields.find("layers"); layers != nullptr && layers->empty())
    options.layers.clear();
  else
    fields.counts("layers", &options.layers, 1, kList);
  fields.count("latent", &options.latent, 1, kCount);
  fields.number("beta", &options.beta, Fields::not_negative, "a number of at least 0");
  fields.number("weight", &options.weight, Fields::not_negative, "a number of at least 0");
  fields.count("length", &options.epochs, 1, "a whole number of epochs, at least 1");
  fields.count("batch", &options.batch, 1, "a whole number of rows, at least 1");
  fields.flag("standardise", &options.standardise);
  fields.count("resets", &options.resets, 1, "a whole number of epochs, at least 1");
  read_last_level(&fields, &options);
  REXP_TRY(fields.status());
  REXP_TRY(read_optimizer(args, where, &out));
  return out;
}

Result<train::LoopResult> train_quantiser(const Arguments& arguments, const std::string& where,
                                          const std::string& work, const LearnInput& in,
                                          RqVaeStep* step) {
  train::LoopSite site;
  site.work = work;
  site.checkpoint_seconds = in.checkpoint_seconds;
  site.interrupt = in.interrupt;
  std::unique_ptr<train::Progress> progress;
  if (in.show_progress) progress = train::stream_progress();
  site.progress = progress.get();
  train::LoopSpec spec{where, in.name, step->steps(), {}, {}};
  if (arguments.schedule >= 0) {
    spec.schedule = [&](int64_t at, int64_t total) {
      return in.rate(arguments.schedule, at, total);
    };
  }
  spec.fingerprint = std::to_string(arguments.options.stream) + "/" + std::to_string(spec.total);
  return train::run_loop(spec, step, *arguments.optimizer, site);
}

Result<Codes> learn(const nlohmann::json& args, const LearnInput& in) {
  const std::string where = "codebook `" + in.name + "`";
  Result<Arguments> arguments = read(args, where);
  if (!arguments.ok()) return arguments.error();
  Result<codebook::Vectors> vectors = in.vectors(arguments->vectors);
  if (!vectors.ok()) return vectors.error();
  if (vectors->rows != in.dataset->item_count() || vectors->rows == 0)
    return internal_error("an autoencoder needs a vector per item");
  Result<std::string> work = in.work();
  if (!work.ok()) return work.error();
  arguments->options.stream = stream(in.seed, "rq_vae");
  RqVaeStep step(*vectors, arguments->options);
  const Result<train::LoopResult> done = train_quantiser(*arguments, where, *work, in, &step);
  if (!done.ok()) return done.error();
  Codes out{arguments->options.levels, {}};
  out.quantiser = step.quantiser();
  out.log = *work + "/log.jsonl";
  Result<std::vector<std::vector<int32_t>>> codes = out.quantiser->encode(*vectors);
  if (!codes.ok()) return codes.error();
  out.codes = std::move(*codes);
  if (arguments->options.last_level) {
    const int64_t moved =
        spread_collisions(*out.quantiser, *vectors, *arguments->options.last_level, &out.codes);
    in.note(std::to_string(moved) + " items moved to another code of the last level");
  }
  out.vectors = std::move(*vectors);
  return out;
}

REXP_REGISTER(codebook::Learner, RqVae, learn)

}  // namespace
}  // namespace rexp::quantiser
