// Causal attention of one head inside one sequence, over plain arrays: the inner loops of attention.cpp.
//
//   q [length, dim], row r at q + r * q_stride; k and v with kv_stride; dim is a multiple of kAttentionLanes
//   p_ij = exp(scale q_i . k_j - lse_i) for j <= i,   out_i = sum_j p_ij v_j
//
// Eight queries at a time meet all keys before them, so that a query's scores fit the first cache and are never written to memory
// (Dao et al. 2022). Compiled for several vector widths; multiply-adds are fused where the CPU has them. Each sum has a fixed order.
#pragma once

#include <cstdint>

namespace rexp::model {

constexpr int64_t kAttentionLanes = 16;

struct AttentionShape {
  int64_t length = 0, dim = 0;
  int64_t q_stride = 0, kv_stride = 0;  // of q, out and their gradients; of k, v and theirs
  float scale = 1;
};

/// Floats of scratch that a call needs.
int64_t attention_scratch(const AttentionShape& shape);

/// Writes out [length, dim] and lse [length].
void attention_forward(const AttentionShape& shape, const float* q, const float* k, const float* v,
                       float* out, float* lse, float* scratch);

struct AttentionGradients {
  const float *out, *lse, *d_out;
  float *dq, *dk, *dv;
};

/// Writes dq; adds to dk and dv, which query heads that share keys share.
void attention_backward(const AttentionShape& shape, const float* q, const float* k, const float* v,
                        const AttentionGradients& gradients, float* scratch);

}  // namespace rexp::model
