#include <cstdio>

#include "compiler/driver/commands.h"
#include "compiler/driver/output.h"
#include "compiler/driver/paths.h"
#include "runtime/text/tokenizer.h"

namespace rexp::driver {

int tokenize(const std::string& model, const std::string& text, bool specials, bool json) {
  auto tokenizer = model == "qwen" ? text::Tokenizer::from_tiktoken(qwen_ranks_path(),
                                                                    text::qwen3_added_tokens())
                                   : text::Tokenizer::from_folder(model);
  if (!tokenizer) return report(tokenizer.error(), json);
  std::vector<int32_t> ids;
  tokenizer->encode(text, specials ? text::Specials::allow : text::Specials::deny, &ids);
  if (json) {
    print_json({{"ids", ids}});
    return kOk;
  }
  for (const int32_t id : ids) {
    const std::string bytes = tokenizer->decode(std::span(&id, 1));
    std::printf("%8d  %s\n", id,
                nlohmann::json(bytes)
                    .dump(-1, ' ', false, nlohmann::json::error_handler_t::replace)
                    .c_str());
  }
  return kOk;
}

}  // namespace rexp::driver
