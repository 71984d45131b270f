// What matrix products of a model's layers are computed in; everything else, weights and gradients among it, is fp32.
#pragma once

#include <cstdint>

namespace rexp::model {

enum class Precision : uint8_t { fp32, bf16 };

constexpr const char* to_string(Precision precision) {
  return precision == Precision::bf16 ? "bf16" : "fp32";
}

}  // namespace rexp::model
