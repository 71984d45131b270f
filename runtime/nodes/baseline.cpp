// baseline: a recommender that is counted on train events, or trained on them.
#include "runtime/baseline/recommender.h"
#include "runtime/nodes/run.h"
#include "runtime/nodes/versions.h"
#include "runtime/train/progress.h"
#include "runtime/train/stage.h"

namespace rexp::nodes {

namespace {

class NodeFitInput : public baseline::FitInput {
 public:
  NodeFitInput(NodeContext& context, std::shared_ptr<const data::Dataset> dataset)
      : context_(context), dataset_(std::move(dataset)) {
    if (context.run().options.value("progress", "bar") != "none")
      progress_ = train::stream_progress();
  }

  const data::Dataset& dataset() override { return *dataset_; }
  Result<codebook::Vectors> vectors(int64_t input) override {
    return codebook::load_vectors(context_.in(input, "vectors.bin"));
  }
  Result<baseline::Rate> rate(int64_t kernel) override {
    auto found = context_.kernel_at(kernel);
    if (!found) return found.error();
    return baseline::Rate(train::kernel_schedule((*found)->fn));
  }
  uint64_t stream() override { return context_.node().stream; }
  std::string device() override { return context_.run().options.value("device", "cpu"); }
  Result<std::string> work() override { return context_.work_folder(); }
  double checkpoint_seconds() override { return context_.run().checkpoint_seconds(); }
  const std::atomic<bool>* interrupt() override { return &interrupted(); }
  train::Progress* progress() override { return progress_.get(); }
  void note(std::string text) override { context_.note(std::move(text)); }

 private:
  NodeContext& context_;
  std::shared_ptr<const data::Dataset> dataset_;
  std::unique_ptr<train::Progress> progress_;
};

Status fit(NodeContext& context) {
  auto dataset = context.dataset(context.find({"load"}));
  if (!dataset) return dataset.error();
  NodeFitInput in(context, std::move(*dataset));
  return baseline::fit(context.args(), in, context.out(""));
}

}  // namespace
}  // namespace rexp::nodes

int32_t rexp_rt_baseline(RexpRun* run, const RexpNode* node) {
  return rexp::nodes::run_node(run, node, rexp::nodes::kVersion_baseline, rexp::nodes::fit);
}
