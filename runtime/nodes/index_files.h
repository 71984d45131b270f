// The ids of the catalogue beside the model that answers with them, in the form that other projects read:
//
//   index.json     {"0": ["<|sid_17|>", "<|sid_70|>", "<|sid_187|>"], ..}      index.2.json: of the second codebook it owns
#pragma once

#include <string>
#include <vector>

#include "runtime/codebook/codebook.h"
#include "runtime/model/artifact.h"

namespace rexp::nodes {

/// Writes the index of every codebook that the model owns to the folder `to`: from `books` where it is among them, else the one that
/// lies in the folder `from` already.
Status write_indexes(const model::ModelArtifact& model,
                     const std::vector<codebook::Codebook>& books, const std::string& from,
                     const std::string& to);

}  // namespace rexp::nodes
