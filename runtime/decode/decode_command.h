// `rexp decode`: a model folder, a catalogue and prompts as files, ranked semantic ids as JSON
// Lines. No experiment is needed.
//
//   arguments       {"model": "m", "catalogue": "items.jsonl", "prompts": "prompts.jsonl"}
//   prompts.jsonl   {"tokens": [1, 17, 4]}
//   output          {"prompt": 0, "sids": [[300, 365], ..], "items": [[17], ..],
//                    "scores": [-2.31, ..], "certified": 20}
//
// The catalogue may also be an index.json or the codebook.json of a store (catalogue_file.h). Token ids are those of the folder's own tokenizer.json, that is, rows of its matrix (a model that
// owns only some tokens is exported with a tokenizer in row order).
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <ostream>

#include "runtime/base/result.h"

namespace rexp::decode {

/// `args`: model, catalogue, prompts; beams (20), score ("model"), unconstrained (false), exact
/// (false: beam search; true: every item is scored); device ("cpu"). `items` of an answer that is no item is [].
/// Errors name file and line.
Status decode_command(const nlohmann::json& args, std::ostream& out);

}  // namespace rexp::decode
