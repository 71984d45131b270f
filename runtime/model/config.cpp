#include "runtime/model/config.h"

#include <algorithm>

#include "runtime/base/json.h"

namespace rexp::model {
namespace {

using nlohmann::json;

// Of any size that a config states, and of the width of attention: above every model, and no product of sizes overflows.
constexpr int64_t kLargestSize = int64_t{1} << 24;

/// Reads fields of one JSON object and keeps the first thing that is wrong with them.
class Fields {
 public:
  Fields(const json& object, const std::string& file) : object_(object), file_(file) {}

  bool has(const char* name) const { return object_.contains(name) && !object_[name].is_null(); }

  int64_t size(const char* name, std::optional<int64_t> fallback = {}) {
    if (!has(name)) {
      if (!fallback) fail(std::string("config has no '") + name + "'");
      return fallback.value_or(1);
    }
    const auto number = whole_number(object_[name], 1, kLargestSize);
    if (!number) {
      fail(std::string("'") + name + "' is " + object_[name].dump() +
           ", not a whole number from 1 to " + std::to_string(kLargestSize));
    }
    return number.value_or(1);
  }

  double real(const char* name, double fallback) {
    if (!has(name)) return fallback;
    if (!object_[name].is_number() || !(object_[name].get<double>() > 0)) {
      fail(std::string("'") + name + "' is " + object_[name].dump() + ", not a positive number");
      return fallback;
    }
    return object_[name].get<double>();
  }

  bool flag(const char* name, bool fallback) {
    if (!has(name)) return fallback;
    if (!object_[name].is_boolean()) {
      fail(std::string("'") + name + "' is " + object_[name].dump() + ", not true or false");
      return fallback;
    }
    return object_[name].get<bool>();
  }

  std::string text(const char* name, const std::string& fallback) {
    if (!has(name)) return fallback;
    if (!object_[name].is_string()) {
      fail(std::string("'") + name + "' is " + object_[name].dump() + ", not a text");
      return fallback;
    }
    return object_[name].get<std::string>();
  }

  /// One id or a list of ids.
  std::vector<int64_t> ids(const char* name) {
    std::vector<int64_t> out;
    if (!has(name)) return out;
    const json& value = object_[name];
    for (const json& id : value.is_array() ? value : json::array({value})) {
      if (const auto number = whole_number(id, 0, kLargestSize))
        out.push_back(*number);
      else
        fail(std::string("'") + name + "' is " + value.dump() + ", not a token id");
    }
    return out;
  }

  void fail(std::string message, std::string help = {}) {
    if (!error_) error_ = file_error(file_, 0, std::move(message), std::move(help));
  }
  const std::optional<Error>& error() const { return error_; }

 private:
  const json& object_;
  std::string file_;
  std::optional<Error> error_;
};

void read_rope(const json& object, Config* config, Fields* fields) {
  config->rope_theta = fields->real("rope_theta", 10000);
  // transformers 5 writes "rope_parameters", earlier ones "rope_scaling"
  const char* name = fields->has("rope_parameters") ? "rope_parameters" : "rope_scaling";
  if (!fields->has(name)) return;
  const json& rope = object[name];
  if (!rope.is_object())
    return fields->fail(std::string("'") + name + "' is " + rope.dump() + ", not an object");
  Fields inner(rope, {});
  config->rope_theta = inner.real("rope_theta", config->rope_theta);
  const std::string type = inner.text("rope_type", inner.text("type", "default"));
  if (type == "llama3") {
    RopeScaling scaling;
    scaling.factor = inner.real("factor", scaling.factor);
    scaling.low_freq_factor = inner.real("low_freq_factor", scaling.low_freq_factor);
    scaling.high_freq_factor = inner.real("high_freq_factor", scaling.high_freq_factor);
    scaling.original_max_positions =
        inner.size("original_max_position_embeddings", scaling.original_max_positions);
    config->rope_scaling = scaling;
  } else if (type != "default") {
    fields->fail("rope scaling of type '" + type +
                 "' is not supported; 'default' and 'llama3' are");
  }
  if (inner.error()) fields->fail(inner.error()->message);
}

void refuse_unsupported(Fields* fields) {
  const std::string act = fields->text("hidden_act", "silu");
  if (act != "silu") fields->fail("activation '" + act + "' is not supported; 'silu' is");
  for (const char* name : {"attention_bias", "mlp_bias", "use_sliding_window"}) {
    if (fields->flag(name, false))
      fields->fail(std::string("'") + name + "' is true, which is not supported; it must be false");
  }
}

void check(const Config& config, Fields* fields) {
  constexpr int64_t kMostLayers = 1024;
  if (config.layers > kMostLayers) {
    fields->fail("'num_hidden_layers' is " + std::to_string(config.layers) + ", but at most " +
                 std::to_string(kMostLayers) + " are supported");
  }
  if (config.heads % config.kv_heads != 0) {
    fields->fail(std::to_string(config.heads) + " query heads are not a multiple of " +
                 std::to_string(config.kv_heads) + " key and value heads");
  }
  if (config.heads * config.head_dim > kLargestSize) {
    fields->fail(std::to_string(config.heads) + " query heads of " +
                 std::to_string(config.head_dim) + " numbers are wider than the " +
                 std::to_string(kLargestSize) + " that are supported");
  }
  if (config.head_dim % 2 != 0)
    fields->fail("head_dim is " + std::to_string(config.head_dim) +
                 ", which rotary positions need even");
}

}  // namespace

Result<Config> parse_config(const json& object, const std::string& file) {
  if (!object.is_object()) return file_error(file, 0, "config is not a JSON object");
  Fields fields(object, file);
  Config config;
  const std::string type = fields.text("model_type", "");
  if (type == "qwen3")
    config.architecture = Architecture::qwen3;
  else if (type == "llama")
    config.architecture = Architecture::llama;
  else
    return file_error(file, 0,
                      "model_type is '" + type + "', but only 'qwen3' and 'llama' are supported");
  config.hidden = fields.size("hidden_size");
  config.layers = fields.size("num_hidden_layers");
  config.heads = fields.size("num_attention_heads");
  config.kv_heads = fields.size("num_key_value_heads", config.heads);
  if (!fields.has("head_dim") && config.hidden % config.heads != 0)
    fields.fail("'hidden_size' is not a multiple of 'num_attention_heads'");
  const int64_t usual = config.architecture == Architecture::qwen3
                            ? 128
                            : std::max<int64_t>(1, config.hidden / config.heads);
  config.head_dim = fields.size("head_dim", usual);
  config.ffn = fields.size("intermediate_size");
  config.vocab = fields.size("vocab_size");
  config.rms_eps = fields.real("rms_norm_eps", 1e-6);
  config.max_positions = fields.size("max_position_embeddings", 4096);
  config.tied = fields.flag("tie_word_embeddings", false);
  read_rope(object, &config, &fields);
  if (auto bos = fields.ids("bos_token_id"); !bos.empty()) config.bos = bos.front();
  config.eos = fields.ids("eos_token_id");
  refuse_unsupported(&fields);
  check(config, &fields);
  if (fields.error()) return *fields.error();
  return config;
}

json to_json(const Config& config) {
  const bool qwen = config.architecture == Architecture::qwen3;
  json out = {
      {"architectures", {qwen ? "Qwen3ForCausalLM" : "LlamaForCausalLM"}},
      {"model_type", qwen ? "qwen3" : "llama"},
      {"hidden_size", config.hidden},
      {"num_hidden_layers", config.layers},
      {"num_attention_heads", config.heads},
      {"num_key_value_heads", config.kv_heads},
      {"head_dim", config.head_dim},
      {"intermediate_size", config.ffn},
      {"vocab_size", config.vocab},
      {"rms_norm_eps", config.rms_eps},
      {"rope_theta", config.rope_theta},
      {"rope_scaling", nullptr},
      {"max_position_embeddings", config.max_positions},
      {"tie_word_embeddings", config.tied},
      {"hidden_act", "silu"},
      {"attention_bias", false},
      {"attention_dropout", 0.0},
      {"torch_dtype", "float32"},
      {"bos_token_id", nullptr},
      {"eos_token_id", nullptr},
  };
  if (const auto& s = config.rope_scaling) {
    out["rope_scaling"] = {{"rope_type", "llama3"},
                           {"factor", s->factor},
                           {"low_freq_factor", s->low_freq_factor},
                           {"high_freq_factor", s->high_freq_factor},
                           {"original_max_position_embeddings", s->original_max_positions}};
  }
  if (!qwen) out["mlp_bias"] = false;
  if (config.bos >= 0) out["bos_token_id"] = config.bos;
  if (config.eos.size() == 1) out["eos_token_id"] = config.eos.front();
  if (config.eos.size() > 1) out["eos_token_id"] = config.eos;
  return out;
}

int64_t parameter_count(const Config& c) {
  const int64_t attention =
      c.hidden * c.head_dim * (2 * c.heads + 2 * c.kv_heads) + (c.qk_norm() ? 2 * c.head_dim : 0);
  const int64_t layer = attention + 3 * c.hidden * c.ffn + 2 * c.hidden;
  return c.layers * layer + c.hidden + c.vocab * c.hidden * (c.tied ? 1 : 2);
}

}  // namespace rexp::model
