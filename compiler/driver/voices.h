// The voice of the model behind each renderer: its tokenizer and its chat format.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "compiler/jit/plan_driver.h"
#include "runtime/base/json.h"
#include "runtime/text/model_facts.h"

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
  using Shared = std::shared_ptr<const text::Tokenizer>;
  /// `facts`: what the model's folder says of itself; null where it says nothing.
  Result<Shared> tokenizer(const nlohmann::json& site, const text::ModelFacts* facts);
  Result<Shared> ranks(const std::string& path);
  Result<Shared> of_folder(const std::string& folder);
  std::map<std::string, std::shared_ptr<const text::Tokenizer>> tokenizers_;
};

}  // namespace rexp::driver
