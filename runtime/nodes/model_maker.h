// Components of base Model: a model folder's contents, made or read.
#pragma once

#include "runtime/model/artifact.h"
#include "runtime/nodes/run.h"

namespace rexp::nodes {

struct MadeModel {
  model::ModelArtifact model;
  std::shared_ptr<const text::Tokenizer>
      own;                  // to be saved beside it; null for a model that is not trained yet
  std::string folder = {};  // that it was read from
};

struct ModelMaker {
  Result<MadeModel> (*make)(NodeContext& context) = nullptr;
};

}  // namespace rexp::nodes
