// How a conversation becomes tokens. One definition serves training, evaluation and the judge.
//
//   <|im_start|>system\n … <|im_end|>\n<|im_start|>user\n … <|im_end|>\n<|im_start|>assistant\n … <|im_end|>\n
//
// Role headers, the end-of-line after an end mark and the think stub are never trained; the end mark of a trained assistant turn is.
// A document is its text and the end-of-text token, all trained.
#pragma once

#include <cstdint>
#include <string>

#include "runtime/base/result.h"
#include "runtime/text/tokenizer.h"

namespace rexp::text {

enum class Think : uint8_t { none, empty };

struct ChatFormat {
  std::string name = "qwen3";
  int32_t turn_start = -1;   // <|im_start|>
  int32_t turn_end = -1;     // <|im_end|>
  int32_t end_of_text = -1;  // ends a document
  std::string after_role = "\n";
  std::string after_turn = "\n";
  Think think = Think::none;
  int32_t think_open = -1,
          think_close =
              -1;  // with Think::empty: <think>\n\n</think>\n\n before the last assistant turn

  /// xxh128 over everything above, 32 hex digits.
  std::string hash() const;
};

/// ChatML over the tokenizer's own special tokens; an error when it has none.
/// `name` is "qwen3" or "chatml" (the same format).
Result<ChatFormat> chat_format(const std::string& name, Think think, const Tokenizer& tokenizer);

/// The format as the Jinja template of a tokenizer_config.json.
std::string jinja_template(const ChatFormat& format);

}  // namespace rexp::text
