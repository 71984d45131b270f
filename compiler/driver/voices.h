// The voice of the model behind each renderer: its tokenizer and its chat format.
#pragma once

#include <map>
#include <memory>
#include <string>
#include "runtime/base/json.h"

#include "compiler/jit/plan_driver.h"

namespace rexp::driver {

/// The folder of a model node's `site`; empty for a model that is made.
std::string folder_of(const nlohmann::json& site);

/// Which tokenizer and chat format a node's renderers speak: those of the model the node descends from.
class Voices {
 public:
  Result<jit::Voice> of(const plan::Plan& plan, plan::NodeId node);
  /// The voice of a base model, by the arguments and places of its node; Qwen's where there is no model.
  Result<jit::Voice> of_model(const nlohmann::json& args, const nlohmann::json& site);
  jit::PlanOptions options();

 private:
  Result<std::shared_ptr<const text::Tokenizer>> tokenizer(const nlohmann::json& site);
  std::map<std::string, std::shared_ptr<const text::Tokenizer>> tokenizers_;
};

}  // namespace rexp::driver
