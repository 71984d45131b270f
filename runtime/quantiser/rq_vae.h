// The residual-quantised autoencoder of TIGER and LC-Rec, as a step of the shared loop.
//
//   z = encoder(x)    r_0 = z    c_l = nearest code of r_{l-1}    r_l = r_{l-1} - C_l[c_l]
//   loss = mse(x, decoder(sum C_l[c_l])) + weight * mean_l (mse(sg r_{l-1}, C_l[c_l]) + beta mse(r_{l-1}, sg C_l[c_l]))
//
// sg stops the gradient. The sum of codes is passed straight through, z + sg(sum - z), so the decoder's gradient reaches the encoder once;
// residuals of every level pull at the encoder.
//
//   RqVaeStep step(vectors, {.levels = {256, 256, 256}, .stream = 7});
//   run_loop({.total = step.steps(), ..}, &step, optimizer, site);
//   codebook::Quantiser quantiser = step.quantiser();
#pragma once

#include <ATen/ATen.h>

#include <optional>
#include <vector>

#include "runtime/codebook/quantiser.h"
#include "runtime/quantiser/sinkhorn.h"
#include "runtime/train/train_step.h"

namespace rexp::quantiser {

struct RqVaeOptions {
  std::vector<int32_t> levels = {256, 256, 256};
  std::vector<int32_t> layers = {
      512, 256, 128};  // of the encoder, before the latent; the decoder mirrors them
  int64_t latent = 32;
  double beta = 0.25;
  double weight = 1;
  int64_t epochs = 200;
  int64_t batch = 1024;
  bool standardise = false;  // every number of the vectors to mean 0, deviation 1
  int64_t resets =
      0;  // epochs between two looks for codes that no item has, in the first two thirds; 0: none
  std::optional<SinkhornOptions> last_level;  // spreads a batch evenly over the last level's codes
  uint64_t stream = 0;
};

/// Epochs see every item once, in an order that the stream gives. Codes that a batch of the last epoch had less than once on average
/// start again at the residual of some item, every `resets` epochs; the last third of the epochs is left in peace.
class RqVaeStep : public train::TrainStep {
 public:
  /// First centroids are those of residual k-means on the first batch. `vectors` has at least one row.
  RqVaeStep(const codebook::Vectors& vectors, const RqVaeOptions& options);

  int64_t steps() const { return epoch_steps_ * options_.epochs; }
  train::NamedTensors parameters() override;
  train::NamedTensors buffers() override;
  Result<train::StepSums> gradients(int64_t step, train::LossLog* log) override;
  Status updated(int64_t step) override;

  codebook::Quantiser quantiser() const;

 private:
  struct Linear {
    at::Tensor weight, bias;
  };
  struct Quantised {
    at::Tensor sum;                // what the decoder gets
    at::Tensor loss;               // mean over levels
    std::vector<double> by_level;  // mean squared error of each
  };

  std::vector<Linear> mlp(const std::vector<int64_t>& widths, std::string_view name) const;
  at::Tensor batch(int64_t step) const;
  at::Tensor encode(const at::Tensor& x) const;
  at::Tensor codes(const at::Tensor& residual, size_t level, bool training) const;
  Quantised quantise(const at::Tensor& z);
  void start_centroids();
  void reset_dead(int64_t epoch);

  RqVaeOptions options_;
  std::vector<float> shift_, scale_;
  at::Tensor x_;  // [items, size]
  int64_t epoch_steps_ = 0;
  std::vector<Linear> encoder_, decoder_;
  std::vector<at::Tensor> centroids_;
  std::vector<at::Tensor> seen_;  // of every level: how often each code was given in this epoch
  at::Tensor usage_;  // [levels], shares of the last whole epoch; below 0: there was none
};

}  // namespace rexp::quantiser
