#include <cstdlib>
#include <sstream>

#include "compiler/driver/arguments.h"
#include "compiler/driver/commands.h"
#include "compiler/driver/model_command.h"
#include "compiler/driver/output.h"

namespace rexp::driver {

namespace {

struct ScoreArguments {
  std::string model, tokens;
  std::optional<std::string> device;
  bool json = false;
};

Result<std::vector<int64_t>> parse_tokens(const std::string& list) {
  const Error wrong = user_error("--tokens takes ids like 1,2,3, not `" + list + "`");
  std::vector<int64_t> out;
  std::stringstream in(list);
  for (std::string part; std::getline(in, part, ',');) {
    char* end = nullptr;
    const long long value = std::strtoll(part.c_str(), &end, 10);
    if (part.empty() || *end != '\0') return wrong;
    out.push_back(value);
  }
  if (out.empty()) return wrong;
  return out;
}

int score(const ScoreArguments& arguments) {
  const auto tokens = parse_tokens(arguments.tokens);
  if (!tokens) return report(tokens.error(), arguments.json);
  return model_command("score",
                       {{"model", arguments.model}, {"tokens", *tokens}, {"json", arguments.json}},
                       arguments.device, arguments.json);
}

}  // namespace

void add_model(Command& program) {
  Command model = program.command("model", "look into a model folder");
  model.needs_command();
  auto arguments = std::make_shared<ScoreArguments>();
  Command command =
      model.command("score", "log-probability of each token, and the logits after the last");
  command.text("model", arguments->model, "model folder (config.json, model.safetensors)",
               Given::must_be);
  command.text("--tokens", arguments->tokens, "ids, comma separated", Given::must_be);
  add_device_option(command, arguments->device);
  add_json_option(command, arguments->json, "{\"logprobs\": [..], \"last_logits\": [..]}");
  command.does([arguments] { return score(*arguments); });
}

}  // namespace rexp::driver
