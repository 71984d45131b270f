// How a model is spoken to, held to how it was trained: its tokenizer, its chat format, its think mode.
#pragma once

#include "runtime/model/artifact.h"
#include "runtime/nodes/run.h"

namespace rexp::nodes {

/// The tokenizer whose ids the model's renderers print; `folder` is its artifact. User error: not the one it was trained with.
Result<std::shared_ptr<const text::Tokenizer>> tokenizer_of(NodeContext& context,
                                                            const model::ModelArtifact& model,
                                                            const std::string& folder);

/// A renderer or prompt was woven for this model. User error: it writes another chat format or think mode.
Status check_voice(const RexpKernel& kernel, const model::ModelArtifact& model);

}  // namespace rexp::nodes
