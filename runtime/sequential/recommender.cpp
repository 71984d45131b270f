// sasrec, bert4rec {train, recipe, valid, seed}: recommenders that are trained. The artifact: network.json (the recipe, without what only training
// reads), weights.safetensors, valid.json (NDCG@10 on valid behind each epoch).
#include <ATen/ATen.h>

#include <cstdio>
#include <optional>

#include "runtime/base/fields.h"
#include "runtime/base/json.h"
#include "runtime/base/random.h"
#include "runtime/base/registry.h"
#include "runtime/baseline/recommender.h"
#include "runtime/data/rows.h"
#include "runtime/model/device.h"
#include "runtime/sequential/sequential_step.h"
#include "runtime/store/binary.h"
#include "runtime/store/file.h"
#include "runtime/train/loop.h"

namespace rexp::sequential {
namespace {

using baseline::FitInput;
using baseline::History;
using baseline::Recommender;
using baseline::Scorer;
using Json = nlohmann::json;

/// Whether training is stopped by valid. User error: a part that is not valid of the dataset that is learnt from.
Result<bool> stops_by_valid(const Json& args, const std::string& name) {
  if (!args.contains("valid") || args["valid"].is_null()) return false;
  auto valid = data::parse_split(args, "valid"), train = data::parse_split(args, "train");
  if (!valid) return valid.error();
  if (!train) return train.error();
  if (valid->part == data::Part::valid && valid->input == train->input) return true;
  return user_error("`valid` of `" + name + "` is not the valid split of what it learns from",
                    "give it the same dataset's, such as `valid = films.valid`");
}

Status check_examples(const SequentialStep& step, const std::string& name) {
  if (step.network().shape().items < 2)
    return user_error("the dataset has one item, `" + name + "` has nothing to choose among");
  if (step.examples() > 0) return {};
  return user_error("no user of the dataset has two train events, `" + name + "` learns nothing",
                    "keep users with more events");
}

void tell(const SequentialStep& step, int64_t steps, FitInput& in) {
  const int64_t epochs = steps / step.steps_per_epoch();
  std::string note = std::to_string(epochs) + (epochs == 1 ? " epoch" : " epochs");
  if (!step.curve().empty()) {
    char text[96];
    std::snprintf(text, sizeof text, ", the best on valid is epoch %d (NDCG@10 %.4f)",
                  static_cast<int>(step.best_epoch() + 1),
                  static_cast<double>(step.curve()[step.best_epoch()]));
    note += text;
  }
  in.note(note);
}

Status write(const SequentialStep& step, const Json& recipe, const std::string& folder) {
  Json network = recipe;
  for (const char* name : {"optimizer", "loss"}) network.erase(name);
  const Json what = {{"items", step.network().shape().items}, {"recipe", std::move(network)}};
  REXP_TRY(store::write_file(folder + "/network.json", what.dump() + "\n"));
  const Json curve = {{"ndcg@10", step.curve()}};
  REXP_TRY(store::write_file(folder + "/valid.json", curve.dump() + "\n"));
  return step.best().save(folder + "/weights.safetensors");
}

Status train_network(const Json& args, FitInput& in, const std::string& folder) {
  const std::string name = args["is"];
  if (!args.contains("recipe")) return internal_error("`" + name + "` has no recipe");
  auto recipe = read_recipe(args["recipe"], "`" + name + "`");
  if (!recipe) return recipe.error();
  recipe->shape.items = in.dataset().item_count();
  auto valid = stops_by_valid(args, name);
  if (!valid) return valid.error();
  std::optional<uint64_t> seed;
  Fields fields(args, "`" + name + "`");
  if (fields.find("seed") != nullptr) fields.seed("seed", &seed.emplace());
  REXP_TRY(fields.status());
  auto device = model::pick_device(in.device());
  if (!device) return device.error();
  auto work = in.work();
  if (!work) return work.error();

  const uint64_t s = seed ? stream(*seed, name) : in.stream();
  SequentialStep step(*recipe, in.dataset(), {s, *valid, *device});
  REXP_TRY(check_examples(step, name));
  train::LoopSpec spec;
  spec.name = "`" + name + "`";
  spec.label = name;
  spec.total = recipe->epochs * step.steps_per_epoch();
  spec.fingerprint = std::to_string(s) + "/" + std::to_string(spec.total);
  if (recipe->schedule >= 0) {
    auto rate = in.rate(recipe->schedule);
    if (!rate) return rate.error();
    spec.schedule = std::move(*rate);
  }
  train::LoopSite site;
  site.work = *work;
  site.checkpoint_seconds = in.checkpoint_seconds();
  site.interrupt = in.interrupt();
  site.progress = in.progress();
  auto done = train::run_loop(spec, &step, recipe->optimizer, site);
  if (!done) return done.error();
  tell(step, done->steps, in);
  return write(step, args["recipe"], folder);
}

class NetworkScorer : public Scorer {
 public:
  NetworkScorer(Network network, std::unique_ptr<Task> task)
      : network_(std::move(network)), task_(std::move(task)) {}
  int64_t items() const override { return network_.shape().items; }

  std::vector<double> scores(std::span<const History> histories) const override {
    const at::Tensor scores =
        score_histories(network_, *task_, histories).to(at::kCPU, at::kDouble).contiguous();
    const double* values = scores.const_data_ptr<double>();
    return {values, values + scores.numel()};
  }

 private:
  Network network_;
  std::unique_ptr<Task> task_;
};

/// The shape and task that network.json describes.
Result<NetworkPlan> read_plan(const std::string& path) {
  auto text = store::read_file(path);
  if (!text) return text.error();
  auto what = parse_json(*text, path);
  if (!what) return what.error();
  int64_t items = 0;
  Fields fields(*what, "`" + path + "`");
  fields.count("items", &items, 1, "a whole number of at least 1");
  const Json* recipe = fields.find("recipe");
  if (fields.error() || items == 0 || recipe == nullptr)
    return store::damaged(path, "its fields are not what this version writes");
  auto plan = read_network(*recipe, "`" + path + "`");
  if (!plan) return store::damaged(path, plan.error().message);
  plan->shape.items = items;
  return plan;
}

Result<std::unique_ptr<Scorer>> open(const std::string& folder, const std::string& device_name) {
  auto plan = read_plan(folder + "/network.json");
  if (!plan) return plan.error();
  auto network = Network::load(plan->shape, folder + "/weights.safetensors");
  if (!network) return network.error();
  auto device = model::pick_device(device_name);
  if (!device) return device.error();
  return std::unique_ptr<Scorer>(
      std::make_unique<NetworkScorer>(network->to(*device), std::move(plan->task)));
}

REXP_REGISTER(Recommender, sasrec, train_network, open)
REXP_REGISTER(Recommender, bert4rec, train_network, open)

}  // namespace
}  // namespace rexp::sequential
