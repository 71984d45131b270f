// What training knows of a network: sequences in, a state for each of their places out.
//
//   const Backbone& network = transformer;                             // or a SASRec
//   at::Tensor h = network.hidden(batch);                              // [T, d]
//   at::Tensor at_labels = network.hidden(batch, dropout, label_at);   // [M, d]: the same numbers for less work
#pragma once

#include <ATen/ATen.h>

#include <optional>

#include "runtime/model/dropout.h"
#include "runtime/model/packing.h"

namespace rexp::model {

class Backbone {
 public:
  virtual ~Backbone() = default;
  virtual at::Device device() const = 0;

  /// States behind the last layer, [T, d], in the order of `batch.tokens`; with `rows` (int64 [M], none twice)
  /// of these places only, [M, d]. Nothing reads another row of the last layer, so that what follows its
  /// attention is computed for `rows` alone. Differentiable.
  at::Tensor hidden(const Packed& batch, const std::optional<Dropout>& dropout = {},
                    const at::Tensor& rows = {}) const {
    return states(batch, dropout, rows);
  }

 protected:
  Backbone() = default;
  Backbone(const Backbone&) = default;
  Backbone(Backbone&&) = default;
  Backbone& operator=(const Backbone&) = default;
  Backbone& operator=(Backbone&&) = default;

 private:
  virtual at::Tensor states(const Packed& batch, const std::optional<Dropout>& dropout,
                            const at::Tensor& rows) const = 0;
};

}  // namespace rexp::model
