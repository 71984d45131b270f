#include "runtime/quantiser/rq_vae.h"

#include <ATen/core/grad_mode.h>

#include <cmath>

#include "runtime/base/random.h"
#include "runtime/codebook/k_means.h"
#include "runtime/model/floats.h"
#include "runtime/model/weights.h"
#include "runtime/quantiser/tensors.h"

namespace rexp::quantiser {
namespace {

constexpr int64_t kFirstIterations = 100;  // of k-means on the first batch, at most

/// Mean and 1 / deviation of every number; 1 where a number never changes.
void standardise(codebook::Vectors* vectors, std::vector<float>* shift, std::vector<float>* scale) {
  const auto rows = static_cast<double>(vectors->rows);
  for (int32_t d = 0; d < vectors->size; ++d) {
    double mean = 0, square = 0;
    for (int64_t i = 0; i < vectors->rows; ++i) mean += vectors->row(i)[d];
    mean /= rows;
    for (int64_t i = 0; i < vectors->rows; ++i) {
      const double from_mean = vectors->row(i)[d] - mean;
      square += from_mean * from_mean;
    }
    const double deviation = std::sqrt(square / rows);
    shift->push_back(static_cast<float>(mean));
    scale->push_back(deviation > 0 ? static_cast<float>(1 / deviation) : 1.0f);
    for (int64_t i = 0; i < vectors->rows; ++i)
      vectors->row(i)[d] = (vectors->row(i)[d] - shift->back()) * scale->back();
  }
}

at::Tensor squared_distances(const at::Tensor& rows, const at::Tensor& centroids) {
  return rows.square().sum(1, /*keepdim=*/true) - 2 * at::mm(rows, centroids.t()) +
         centroids.square().sum(1);
}

at::Tensor mean_square(const at::Tensor& difference) { return difference.square().mean(); }

}  // namespace

RqVaeStep::RqVaeStep(const codebook::Vectors& vectors, const RqVaeOptions& options)
    : options_(options) {
  codebook::Vectors scaled = vectors;
  if (options.standardise) standardise(&scaled, &shift_, &scale_);
  x_ = to_tensor(scaled);
  epoch_steps_ = (vectors.rows + options.batch - 1) / options.batch;
  std::vector<int64_t> widths = {vectors.size};
  widths.insert(widths.end(), options.layers.begin(), options.layers.end());
  widths.push_back(options.latent);
  encoder_ = mlp(widths, "encoder");
  std::reverse(widths.begin(), widths.end());
  decoder_ = mlp(widths, "decoder");
  start_centroids();
  for (const at::Tensor& level : centroids_) seen_.push_back(at::zeros({level.size(0)}));
  usage_ = at::full({static_cast<int64_t>(centroids_.size())}, -1.0, at::kFloat);
}

// Xavier-normal weights (Glorot, Bengio 2010), no bias.
std::vector<RqVaeStep::Linear> RqVaeStep::mlp(const std::vector<int64_t>& widths,
                                              std::string_view name) const {
  std::vector<Linear> layers;
  const uint64_t draws = stream(options_.stream, name);
  for (size_t i = 0; i + 1 < widths.size(); ++i) {
    const double sigma = std::sqrt(2.0 / static_cast<double>(widths[i] + widths[i + 1]));
    at::Tensor weight = model::random_normal({widths[i + 1], widths[i]}, sigma, stream(draws, i));
    layers.push_back({weight.requires_grad_(), at::zeros({widths[i + 1]}).requires_grad_()});
  }
  return layers;
}

void RqVaeStep::start_centroids() {
  at::NoGradGuard no_grad;
  const codebook::Vectors first = to_vectors(encode(batch(0)));
  for (const codebook::Vectors& level : codebook::residual_k_means(
           first, options_.levels, {kFirstIterations, stream(options_.stream, "centroids")}))
    centroids_.push_back(to_tensor(level).requires_grad_());
}

train::NamedTensors RqVaeStep::parameters() {
  train::NamedTensors all;
  const auto add = [&](const std::string& name, const std::vector<Linear>& layers) {
    for (size_t i = 0; i < layers.size(); ++i) {
      all.emplace_back(name + "." + std::to_string(i) + ".weight", layers[i].weight);
      all.emplace_back(name + "." + std::to_string(i) + ".bias", layers[i].bias);
    }
  };
  add("encoder", encoder_);
  add("decoder", decoder_);
  for (size_t level = 0; level < centroids_.size(); ++level)
    all.emplace_back("level." + std::to_string(level), centroids_[level]);
  return all;
}

train::NamedTensors RqVaeStep::buffers() {
  train::NamedTensors all = {{"usage", usage_}};
  for (size_t level = 0; level < seen_.size(); ++level)
    all.emplace_back("seen." + std::to_string(level), seen_[level]);
  return all;
}

at::Tensor RqVaeStep::batch(int64_t step) const {
  const int64_t items = x_.size(0), epoch = step / epoch_steps_,
                begin = step % epoch_steps_ * options_.batch,
                end = std::min(items, begin + options_.batch);
  const uint64_t order = stream(stream(options_.stream, "epoch"), static_cast<uint64_t>(epoch));
  std::vector<int64_t> rows;
  for (int64_t place = begin; place < end; ++place)
    rows.push_back(static_cast<int64_t>(
        permute(static_cast<uint64_t>(items), static_cast<uint64_t>(place), order)));
  return x_.index_select(0, at::tensor(rows, at::kLong));
}

namespace {

template <class Layers>
at::Tensor through(const Layers& layers, at::Tensor x) {
  for (size_t i = 0; i < layers.size(); ++i) {
    x = at::addmm(layers[i].bias, x, layers[i].weight.t());
    if (i + 1 < layers.size()) x = at::relu(x);
  }
  return x;
}

}  // namespace

at::Tensor RqVaeStep::encode(const at::Tensor& x) const { return through(encoder_, x); }

at::Tensor RqVaeStep::codes(const at::Tensor& residual, size_t level, bool training) const {
  const at::Tensor distances = squared_distances(residual.detach(), centroids_[level].detach());
  const bool even = training && options_.last_level && level + 1 == centroids_.size();
  return even ? sinkhorn(distances, *options_.last_level).argmax(1) : distances.argmin(1);
}

RqVaeStep::Quantised RqVaeStep::quantise(const at::Tensor& z) {
  Quantised out;
  at::Tensor residual = z, sum = at::zeros_like(z);
  const auto levels = static_cast<double>(centroids_.size());
  for (size_t level = 0; level < centroids_.size(); ++level) {
    const at::Tensor chosen = codes(residual, level, /*training=*/true);
    seen_[level].index_add_(0, chosen, at::ones({chosen.size(0)}));
    const at::Tensor code = centroids_[level].index_select(0, chosen);
    const at::Tensor of_code = mean_square(residual.detach() - code),
                     of_residual = mean_square(residual - code.detach());
    const at::Tensor loss = (of_code + options_.beta * of_residual) / levels;
    out.loss = level == 0 ? loss : out.loss + loss;
    out.by_level.push_back(of_code.item<double>());
    residual = residual - code.detach();
    sum = sum + code.detach();
  }
  out.sum = z + (sum - z).detach();
  return out;
}

Result<train::StepSums> RqVaeStep::gradients(int64_t step, train::LossLog* log) {
  const at::Tensor x = batch(step);
  const Quantised quantised = quantise(encode(x));
  const at::Tensor reconstruction = mean_square(through(decoder_, quantised.sum) - x);
  const at::Tensor loss = reconstruction + options_.weight * quantised.loss;
  loss.backward();
  if (log != nullptr) {
    log->quantity("reconstruction", reconstruction.item<double>());
    for (size_t level = 0; level < quantised.by_level.size(); ++level) {
      log->add(static_cast<uint8_t>(level + 1), 0, quantised.by_level[level]);
      const auto used = usage_[static_cast<int64_t>(level)].item<double>();
      if (used >= 0) log->quantity("usage " + std::to_string(level + 1), used);
    }
  }
  return train::StepSums{.loss = loss.item<double>(), .labels = x.size(0)};
}

Status RqVaeStep::updated(int64_t step) {
  if ((step + 1) % epoch_steps_ != 0) return {};
  at::NoGradGuard no_grad;
  const int64_t epoch = step / epoch_steps_ + 1;  // epochs done
  for (size_t level = 0; level < seen_.size(); ++level)
    usage_[static_cast<int64_t>(level)] = seen_[level].gt(0).to(at::kFloat).mean();
  if (options_.resets > 0 && epoch % options_.resets == 0 && 3 * epoch <= 2 * options_.epochs)
    reset_dead(epoch);
  for (at::Tensor& seen : seen_) seen.zero_();
  return {};
}

// Dead: given less than once a batch, so that what is nearly unused does not die later, when nothing starts again.
void RqVaeStep::reset_dead(int64_t epoch) {
  const auto items = static_cast<uint64_t>(x_.size(0));
  const uint64_t draws = stream(stream(options_.stream, "resets"), static_cast<uint64_t>(epoch));
  for (size_t level = 0; level < centroids_.size(); ++level) {
    const at::Tensor dead = seen_[level].lt(epoch_steps_).nonzero().view({-1});
    if (dead.numel() == 0) continue;
    std::vector<int64_t> rows;
    for (int64_t i = 0; i < dead.numel(); ++i)
      rows.push_back(static_cast<int64_t>(
          permute(items, static_cast<uint64_t>(i) % items, stream(draws, level))));
    at::Tensor residual = encode(x_.index_select(0, at::tensor(rows, at::kLong)));
    for (size_t before = 0; before < level; ++before)
      residual = residual -
                 centroids_[before].index_select(0, codes(residual, before, /*training=*/false));
    centroids_[level].index_copy_(0, dead, residual);
  }
}

codebook::Quantiser RqVaeStep::quantiser() const {
  codebook::Quantiser out{shift_, scale_, {}, {}};
  for (const Linear& layer : encoder_)
    out.layers.push_back({to_vectors(layer.weight), model::to_floats(layer.bias)});
  for (const at::Tensor& level : centroids_) out.centroids.push_back(to_vectors(level));
  return out;
}

}  // namespace rexp::quantiser
