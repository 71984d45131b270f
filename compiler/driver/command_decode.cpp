#include <CLI/CLI.hpp>

#include "compiler/driver/arguments.h"
#include "compiler/driver/commands.h"
#include "compiler/driver/model_command.h"

namespace rexp::driver {

namespace {

struct DecodeArguments {
  std::string model, catalog, prompts;
  int64_t beams = 10;
  std::string score = "model";
  bool unconstrained = false, exact = false, json = false;
  std::optional<std::string> device;
};

int decode(const DecodeArguments& arguments) {
  return model_command("decode",
                       {{"model", arguments.model},
                        {"catalogue", arguments.catalog},
                        {"prompts", arguments.prompts},
                        {"beams", arguments.beams},
                        {"score", arguments.score},
                        {"unconstrained", arguments.unconstrained},
                        {"exact", arguments.exact}},
                       arguments.device, arguments.json);
}

}  // namespace

void add_decode(CLI::App& app, int& status) {
  auto arguments = std::make_shared<DecodeArguments>();
  CLI::App* command =
      app.add_subcommand("decode", "beam search over a catalogue's semantic ids; JSON Lines out");
  command->add_option("--model", arguments->model, "model folder")->required();
  command
      ->add_option("--catalog", arguments->catalog,
                   "index.json (item -> token texts) or JSON Lines {\"item\", \"tokens\"}")
      ->required();
  command->add_option("--prompts", arguments->prompts, "JSON Lines {\"tokens\": [..]}")->required();
  command->add_option("--beams", arguments->beams, "beam width, and rows returned")
      ->check(CLI::PositiveNumber);
  command
      ->add_option("--score", arguments->score,
                   "softmax over: model (full vocabulary), level, trie (valid children)")
      ->check(CLI::IsMember({"model", "level", "trie"}));
  command->add_flag("--unconstrained", arguments->unconstrained,
                    "any token at each level; invalid ids have no items");
  command->add_flag("--exact", arguments->exact,
                    "score every catalogue entry instead of searching");
  add_device_option(*command, arguments->device);
  add_json_option(*command, arguments->json, "errors as JSON too");
  command->callback([arguments, &status] { status = decode(*arguments); });
}

}  // namespace rexp::driver
