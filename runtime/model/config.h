// The shape of a decoder-only language model, as Hugging Face's config.json states it. Two
// architectures: qwen3 (per-head RMSNorm on queries and keys) and llama (none). Whatever the file
// asks for beyond that is an error that names the field, never a silently different model.
//
//   Result<Config> c = parse_config(nlohmann::json::parse(text), "m/config.json");
//   c->hidden, c->layers, c->heads / c->kv_heads
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "runtime/base/result.h"

namespace rexp::model {

enum class Architecture : uint8_t { qwen3, llama };

/// Llama 3's stretching of low rotary frequencies (rope_scaling of type "llama3").
struct RopeScaling {
  double factor = 8, low_freq_factor = 1, high_freq_factor = 4;
  int64_t original_max_positions = 8192;
  bool operator==(const RopeScaling&) const = default;
};

struct Config {
  Architecture architecture = Architecture::qwen3;
  int64_t hidden = 0;  // width d of the residual stream
  int64_t layers = 0;
  int64_t heads = 0;     // query heads
  int64_t kv_heads = 0;  // key and value heads; divides heads
  int64_t head_dim = 0;  // even
  int64_t ffn = 0;       // width of the gated feed-forward part
  int64_t vocab = 0;     // rows of the embedding, rows that a stage added included
  double rms_eps = 1e-6;
  double rope_theta = 10000;
  std::optional<RopeScaling> rope_scaling;
  bool tied = true;  // the output matrix is the embedding
  int64_t max_positions = 4096;
  int64_t bos = -1;  // -1: none. Ids as config.json has them: rows of this folder's matrix
  std::vector<int64_t> eos;

  bool qk_norm() const { return architecture == Architecture::qwen3; }
  bool operator==(const Config&) const = default;
};

/// Reads the fields of a config.json. `file` is only for messages. Error: an architecture,
/// activation, bias, rope or window setting that is not supported; a missing or impossible size.
Result<Config> parse_config(const nlohmann::json& json, const std::string& file);

/// A config.json that transformers reads back as the same model.
nlohmann::json to_json(const Config& config);

/// Parameters of the model, a tied matrix counted once.
int64_t parameter_count(const Config& config);

}  // namespace rexp::model
