// What other programs need to let a model folder answer: its tokenizer in matrix rows, its chat template, and where an answer ends.
//
//   model.generate(**tokenizer("…"))      stops at <|im_end|>, or at <|endoftext|> after a document
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "runtime/model/artifact.h"

namespace rexp::model {

/// Matrix rows of the tokens that end something; -1 where the model does not own them.
struct Ends {
  int64_t turn = -1;  // <|im_end|>
  int64_t text = -1;  // <|endoftext|>, which fills up short rows as well
};
Ends ends_of(const Vocabulary& vocabulary, const text::Tokenizer& tokenizer);

/// config.json: an answer ends with its turn. What neither token is known of is left as it was.
void end_with(const Ends& ends, Config* config);
/// generation_config.json.
nlohmann::json generation_json(const Config& config, const Ends& ends);

/// Writes tokenizer.json and tokenizer_config.json with the model's tokens only, and notes the hash that readers will find.
Status save_tokenizer(const text::Tokenizer& tokenizer, const std::string& folder,
                      ModelArtifact* model);

}  // namespace rexp::model
