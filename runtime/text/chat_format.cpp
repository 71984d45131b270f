#include "runtime/text/chat_format.h"

#include <cstdio>

#include <xxhash.h>

namespace rexp::text {

std::string ChatFormat::hash() const {
  std::string all = name;
  for (const int32_t id :
       {turn_start, turn_end, end_of_text, think_open, think_close, static_cast<int32_t>(think)}) {
    all += '\0' + std::to_string(id);
  }
  all += '\0' + after_role + '\0' + after_turn;
  const XXH128_hash_t digest = XXH3_128bits(all.data(), all.size());
  char hex[33];
  std::snprintf(hex, sizeof hex, "%016llx%016llx", static_cast<unsigned long long>(digest.high64),
                static_cast<unsigned long long>(digest.low64));
  return hex;
}

Result<ChatFormat> chat_format(const std::string& name, Think think, const Tokenizer& tokenizer) {
  if (name != "qwen3" && name != "chatml") {
    return user_error("the chat format '" + name + "' is not known", "write 'qwen3' or 'chatml'");
  }
  ChatFormat format;
  format.name = name;
  format.think = think;
  struct Need {
    const char* content;
    int32_t* id;
    bool required;
  };
  for (const Need& need :
       {Need{"<|im_start|>", &format.turn_start, true}, Need{"<|im_end|>", &format.turn_end, true},
        Need{"<|endoftext|>", &format.end_of_text, true},
        Need{"<think>", &format.think_open, think == Think::empty},
        Need{"</think>", &format.think_close, think == Think::empty}}) {
    const auto id = tokenizer.added(need.content);
    if (!id && need.required) {
      return user_error("the tokenizer has no token " + std::string(need.content) +
                            ", which the chat format '" + name + "' needs",
                        think == Think::empty && need.content[1] != '|'
                            ? "write 'think = none'"
                            : "use a tokenizer with ChatML tokens, such as Qwen's");
    }
    // a format that does not think is the same for tokenizers with and without think tokens
    if (id && (need.required || think == Think::empty)) *need.id = *id;
  }
  return format;
}

std::string jinja_template(const ChatFormat& format) {
  std::string last, stub, generation = "<|im_start|>assistant\\n";
  if (format.think == Think::empty) {
    // the turn that a generation prompt opens is the last one
    last =
        "{%- set ns = namespace(last=-1) %}\n"
        "{%- if not add_generation_prompt %}{%- for message in messages %}"
        "{%- if message.role == 'assistant' %}{%- set ns.last = loop.index0 %}{%- endif %}"
        "{%- endfor %}{%- endif %}\n";
    stub = "{%- if loop.index0 == ns.last %}{{- '<think>\\n\\n</think>\\n\\n' }}{%- endif %}\n";
    generation += "<think>\\n\\n</think>\\n\\n";
  }
  return last +
         "{%- for message in messages %}\n"
         "{{- '<|im_start|>' + message.role + '\\n' }}\n" +
         stub +
         "{{- message.content + '<|im_end|>\\n' }}\n"
         "{%- endfor %}\n"
         "{%- if add_generation_prompt %}{{- '" +
         generation + "' }}{%- endif %}";
}

}  // namespace rexp::text
