#include <cstdio>

#include "compiler/driver/arguments.h"
#include "compiler/driver/commands.h"
#include "compiler/driver/output.h"
#include "compiler/driver/paths.h"
#include "runtime/text/model_facts.h"

namespace rexp::driver {

namespace {

struct TokenizeArguments {
  std::string model;  // a folder with tokenizer.json, or "qwen" for the ranks that set-up fetched
  std::string text;
  bool specials = true, json = false;
};

int tokenize(const TokenizeArguments& arguments) {
  auto tokenizer = arguments.model == "qwen" ? text::Tokenizer::from_tiktoken(
                                                   qwen_ranks_path(), text::qwen3_added_tokens())
                                             : text::folder_tokenizer(arguments.model);
  if (!tokenizer) return report(tokenizer.error(), arguments.json);
  std::vector<int32_t> ids;
  tokenizer->encode(arguments.text,
                    arguments.specials ? text::Specials::allow : text::Specials::deny, &ids);
  if (arguments.json) {
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

}  // namespace

void add_tokenize(Command& program) {
  auto arguments = std::make_shared<TokenizeArguments>();
  Command command = program.command("tokenize", "token ids of a text");
  command.text("--model", arguments->model, "folder with tokenizer.json, or `qwen`",
               Given::must_be);
  command.text("--text", arguments->text, "the text", Given::must_be);
  command.flag("--specials,!--no-specials", arguments->specials,
               "recognise special tokens inside the text (default)");
  add_json_option(command, arguments->json, "{\"ids\": [..]}");
  command.does([arguments] { return tokenize(*arguments); });
}

}  // namespace rexp::driver
