// How a model is spoken to: what rexp.json says beside the weights, read by the runtime, and by the compiler too, which needs no tensor for it.
//
//   Result<std::optional<ModelFacts>> facts = read_model_facts("models/films");   // nothing: a plain Hugging Face folder
//   facts->chat_think                                                             // "empty"
//   Result<Tokenizer> whole = full_tokenizer(ranks, *facts);                      // with the tokens of every codebook it owns
//
// `where` names the model in messages. Whoever trains, asks, renders or exports a model compares what it has with this: codebook, tokenizer, chat format, think mode.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "runtime/base/result.h"
#include "runtime/codebook/lineage.h"
#include "runtime/text/tokenizer.h"

namespace rexp::text {

/// The tokens of a codebook that a model owns.
struct OwnedCodebook {
  std::string name;
  codebook::Lineage lineage;        // a codebook that does not agree with it is refused
  int32_t first_id = 0;             // of the full tokenizer; -1: its tokens are the tokenizer's own
  std::vector<std::string> tokens;  // their texts in id order, codes and marks

  /// One behind its last id; 0 where it has none of its own.
  int32_t end_id() const {
    return first_id < 0 ? 0 : first_id + static_cast<int32_t>(tokens.size());
  }
};

/// What happens to a text that is longer than the window: its oldest events go, it goes itself, or it is an error.
enum class Overflow : uint8_t { drop_oldest, drop_example, refuse };

/// What the model was last trained with.
struct Window {
  int64_t tokens = 0;  // 0: never trained, as many as it has positions
  Overflow overflow = Overflow::drop_oldest;
};

struct ModelFacts {
  std::vector<OwnedCodebook> codebooks;
  // "qwen": the tiktoken file; "folder": tokenizer.json beside the weights
  std::string tokenizer_kind = "qwen";
  std::string
      tokenizer_hash;  // of the tokenizer that renderers use; empty: a plain Hugging Face folder
  std::string folder_hash;  // of tokenizer.json beside the weights; empty: there is none
  std::string chat_format = "qwen3";
  std::string chat_think = "none";  // "none" | "empty"
  Window window;
};

/// The fields of rexp.json that are about tokens; `path` is for messages. User errors: a field that is missing or of another form.
Result<ModelFacts> parse_model_facts(const nlohmann::json& ours, const std::string& path);
/// The same fields, to be written.
nlohmann::json to_json(const ModelFacts& facts);
/// What `folder`/rexp.json says; nothing where there is no such file.
Result<std::optional<ModelFacts>> read_model_facts(const std::string& folder);

/// `base` with the tokens of the model's codebooks behind its own, whoever printed them last.
Result<Tokenizer> full_tokenizer(const Tokenizer& base, const ModelFacts& facts);

/// The tokenizer.json of a model folder. User error: its hash is not the one that rexp.json beside it states.
Result<Tokenizer> folder_tokenizer(const std::string& folder);
/// The model's renderers use this tokenizer. User error: it was trained with another.
Status check_tokenizer(const ModelFacts& facts, const Tokenizer& tokenizer,
                       const std::string& where);
/// The model is spoken to in this chat format and think mode. User error: it was trained with others.
Status check_voice(const ModelFacts& facts, const std::string& chat, const std::string& think,
                   const std::string& where);

std::optional<Overflow> overflow_of(const std::string& name);

}  // namespace rexp::text
