#include <CLI/CLI.hpp>
#include <cstdlib>
#include <sstream>

#include "compiler/driver/arguments.h"
#include "compiler/driver/commands.h"
#include "compiler/driver/model_command.h"

namespace rexp::driver {

namespace {

struct ScoreArguments {
  std::string model, tokens;
  std::optional<std::string> device;
  bool json = false;
};

std::vector<int64_t> parse_tokens(const std::string& list) {
  std::vector<int64_t> out;
  std::stringstream in(list);
  for (std::string part; std::getline(in, part, ',');) {
    char* end = nullptr;
    const long long value = std::strtoll(part.c_str(), &end, 10);
    if (part.empty() || *end != '\0')
      throw CLI::ValidationError("--tokens", "takes ids like 1,2,3");
    out.push_back(value);
  }
  if (out.empty()) throw CLI::ValidationError("--tokens", "takes ids like 1,2,3");
  return out;
}

int score(const ScoreArguments& arguments) {
  return model_command("score",
                       {{"model", arguments.model},
                        {"tokens", parse_tokens(arguments.tokens)},
                        {"json", arguments.json}},
                       arguments.device, arguments.json);
}

}  // namespace

void add_model(CLI::App& app, int& status) {
  CLI::App* model = app.add_subcommand("model", "look into a model folder");
  model->require_subcommand(1);
  auto arguments = std::make_shared<ScoreArguments>();
  CLI::App* command = model->add_subcommand(
      "score", "log-probability of each token, and the logits after the last");
  command->add_option("model", arguments->model, "model folder (config.json, model.safetensors)")
      ->required();
  command->add_option("--tokens", arguments->tokens, "ids, comma separated")->required();
  add_device_option(*command, arguments->device);
  add_json_option(*command, arguments->json, "{\"logprobs\": [..], \"last_logits\": [..]}");
  command->callback([arguments, &status] { status = score(*arguments); });
}

}  // namespace rexp::driver
