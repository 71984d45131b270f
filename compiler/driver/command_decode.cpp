
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

void add_decode(Command& program) {
  auto arguments = std::make_shared<DecodeArguments>();
  Command command =
      program.command("decode", "beam search over a catalogue's semantic ids; JSON Lines out");
  command.text("--model", arguments->model, "model folder", Given::must_be);
  command.text(
      "--catalog", arguments->catalog,
      "index.json (item -> token texts), a store's codebook.json, or JSON Lines {\"item\", "
      "\"tokens\"}",
      Given::must_be);
  command.text("--prompts", arguments->prompts, "JSON Lines {\"tokens\": [..]}", Given::must_be);
  command.count("--beams", arguments->beams, 1, "beam width, and rows returned");
  command.choice("--score", arguments->score, {"model", "level", "trie"},
                 "softmax over: model (full vocabulary), level, trie (valid children)");
  command.flag("--unconstrained", arguments->unconstrained,
               "any token at each level; invalid ids have no items");
  command.flag("--exact", arguments->exact, "score every catalogue entry instead of searching");
  add_device_option(command, arguments->device);
  add_json_option(command, arguments->json, "errors as JSON too");
  command.does([arguments] { return decode(*arguments); });
}

}  // namespace rexp::driver
