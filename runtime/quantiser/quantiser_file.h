// A quantiser on disk, beside the codes that it gave.
//
//   quantiser.safetensors   shift, scale, layer.0.weight, layer.0.bias, .., level.0, ..
//   quantiser.json          {"input": 64, "layers": [512, 32], "levels": [256, 256, 256], "latent": 32, "scaled": true}
#pragma once

#include <optional>
#include <string>

#include "runtime/base/result.h"
#include "runtime/codebook/quantiser.h"

namespace rexp::quantiser {

Status save(const codebook::Quantiser& quantiser, const std::string& folder);
/// User errors: no such files, or sizes that do not fit each other.
Result<codebook::Quantiser> load(const std::string& folder);
/// The same of a codebook's artifact, which has none where no vector gave the codes.
Result<std::optional<codebook::Quantiser>> load_stored(const std::string& folder);

}  // namespace rexp::quantiser
