// rexp: check, run and explain experiments. This file only reads arguments; commands.h says what each command does.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <sstream>

#include "compiler/diagnostics/diagnostics.h"
#include "compiler/driver/commands.h"
#include "compiler/driver/output.h"

namespace {

using namespace rexp::driver;

void add_compile_options(CLI::App* app, CompileArguments* a) {
  app->add_option("file", a->file, "experiment file (.rexp)")->required();
  app->add_flag("--json", a->json, "machine-readable output");
  app->add_option("--set", a->overrides, "override a value: path=expression (may be repeated)")
      ->expected(1)
      ->take_all();
}

void add_run_options(CLI::App* app, RunArguments* a) {
  app->add_option("--store", a->store,
                  "folder of artifacts and runs (default: $REXP_STORE or .rexp)");
  app->add_option("--device", a->device, "cpu or cuda (default: what is there)")
      ->check(CLI::IsMember({"cpu", "cuda"}));
  app->add_option("--threads", a->threads, "threads of tensor operations (default: all cores)")
      ->check(CLI::NonNegativeNumber);
}

bool parse_tokens(const std::string& list, std::vector<int64_t>* out) {
  std::stringstream in(list);
  for (std::string part; std::getline(in, part, ',');) {
    char* end = nullptr;
    const long long value = std::strtoll(part.c_str(), &end, 10);
    if (part.empty() || *end != '\0') return false;
    out->push_back(value);
  }
  return !out->empty();
}

/// CLI11 would only say that a command is required.
bool names_no_command(const CLI::App& app, int argc, char** argv) {
  if (argc < 2 || argv[1][0] == '-') return false;
  std::vector<std::string> commands;
  for (const CLI::App* command : app.get_subcommands({})) commands.push_back(command->get_name());
  const std::string word = argv[1];
  if (std::find(commands.begin(), commands.end(), word) != commands.end()) return false;
  const std::string near = rexp::diagnostics::nearest(word, commands);
  report(
      rexp::user_error("there is no command `" + word + "`",
                       near.empty() ? "`rexp --help` lists them" : "did you mean `" + near + "`?"),
      false);
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"rexp: declarative experiments for LLM-based generative recommendation"};
  app.set_version_flag("--version", "rexp " REXP_VERSION);
  app.require_subcommand(1);
  app.footer(
      "Exit codes: 0 fine, 2 something for you to mend, 1 a fault of rexp.\n"
      "What a code means: rexp help R0312. Start with: rexp run examples/toy.rexp");
  int status = kOk;

  CheckArguments check_arguments;
  auto* check_app =
      app.add_subcommand("check", "type-check a file: names, units, leaks, loss masks");
  add_compile_options(check_app, &check_arguments);
  check_app
      ->add_option("--emit", check_arguments.emit,
                   "print a phase: ast, types, value, plan, rows (row functions) or llvm (IR)")
      ->check(CLI::IsMember({"ast", "types", "value", "plan", "rows", "llvm"}));
  check_app->callback([&] { status = check(check_arguments); });

  EvalArguments eval_arguments;
  auto* eval_app = app.add_subcommand("eval", "print what a declaration or an experiment comes to");
  add_compile_options(eval_app, &eval_arguments);
  eval_app->add_option("name", eval_arguments.name,
                       "a declaration, a field of it (tune.optimizer), an experiment or a sweep");
  eval_app->add_option("--format", eval_arguments.format, "text, json or yaml")
      ->check(CLI::IsMember({"text", "json", "yaml"}));
  eval_app->callback([&] { status = eval(eval_arguments); });

  RunArguments run_arguments;
  auto* run_app = app.add_subcommand(
      "run", "run an experiment; what is already in the store is not done again");
  add_compile_options(run_app, &run_arguments);
  run_app->add_option("experiment", run_arguments.experiment,
                      "which experiment of the file (default: the only one)");
  add_run_options(run_app, &run_arguments);
  run_app->add_flag("--quiet", run_arguments.quiet, "no progress");
  run_app->callback([&] { status = run(run_arguments); });

  RunArguments explain_arguments;
  auto* explain_app =
      app.add_subcommand("explain", "show the plan: which nodes are cached, which would run");
  add_compile_options(explain_app, &explain_arguments);
  explain_app->add_option("experiment", explain_arguments.experiment,
                          "which experiment of the file (default: the only one)");
  explain_app->add_option("--store", explain_arguments.store, "folder of artifacts and runs");
  explain_app->callback([&] { status = explain(explain_arguments); });

  RenderArguments render_arguments;
  auto* render_app = app.add_subcommand("render", "print one example as the model will see it");
  add_compile_options(render_app, &render_arguments);
  render_app->add_option("template", render_arguments.name, "name of the template")->required();
  render_app->add_option("--row", render_arguments.row, "row of the task that applies it")
      ->check(CLI::NonNegativeNumber);
  render_app->add_option("--variant", render_arguments.variant,
                         "which wording, or all (default: as drawn for this row)");
  render_app
      ->add_option("--as", render_arguments.as,
                   "as a stage trains on it, or as a protocol asks with it (default: train)")
      ->check(CLI::IsMember({"train", "ask"}));
  render_app->add_option("--in", render_arguments.in,
                         "which task or protocol (default: the first that uses the template)");
  render_app->add_flag("--tokens", render_arguments.tokens, "token ids, trained or not, SID level");
  render_app->add_flag("--mask", render_arguments.mask, "mark what is trained");
  render_app->add_option("--experiment", render_arguments.experiment,
                         "which experiment's model and settings");
  add_run_options(render_app, &render_arguments);
  render_app->callback([&] { status = render(render_arguments); });

  std::optional<std::string> runs_store;
  int64_t runs_limit = 20;
  bool runs_json = false;
  auto* runs_app = app.add_subcommand("runs", "list runs, newest first");
  runs_app->add_option("--store", runs_store, "folder of artifacts and runs");
  runs_app->add_option("--limit", runs_limit, "how many")->check(CLI::PositiveNumber);
  runs_app->add_flag("--json", runs_json, "machine-readable output");
  runs_app->callback([&] { status = runs(runs_store, runs_limit, runs_json); });

  std::string help_code;
  bool help_json = false;
  auto* help_app = app.add_subcommand("help", "what a code such as R0312 means, with an example");
  help_app->add_option("code", help_code, "a code or its name (default: list them)");
  help_app->add_flag("--json", help_json, "machine-readable output");
  help_app->callback([&] { status = help(help_code, help_json); });

  std::string tokenize_model, tokenize_text;
  bool tokenize_specials = false, tokenize_json = false;
  auto* tokenize_app = app.add_subcommand("tokenize", "token ids of a text");
  tokenize_app->add_option("--model", tokenize_model, "folder with tokenizer.json, or `qwen`")
      ->required();
  tokenize_app->add_option("--text", tokenize_text, "the text")->required();
  tokenize_app
      ->add_flag("--specials,!--no-specials", tokenize_specials,
                 "recognise special tokens inside the text (default)")
      ->default_val(true);
  tokenize_app->add_flag("--json", tokenize_json, "{\"ids\": [..]}");
  tokenize_app->callback(
      [&] { status = tokenize(tokenize_model, tokenize_text, tokenize_specials, tokenize_json); });

  auto* model_app = app.add_subcommand("model", "look into a model folder");
  model_app->require_subcommand(1);
  ScoreArguments score_arguments;
  std::string score_tokens;
  auto* score_app = model_app->add_subcommand(
      "score", "log-probability of each token, and the logits after the last");
  score_app
      ->add_option("model", score_arguments.model, "model folder (config.json, model.safetensors)")
      ->required();
  score_app->add_option("--tokens", score_tokens, "ids, comma separated")->required();
  score_app->add_option("--device", score_arguments.device, "cpu or cuda")
      ->check(CLI::IsMember({"cpu", "cuda"}));
  score_app->add_flag("--json", score_arguments.json,
                      "{\"logprobs\": [..], \"last_logits\": [..]}");
  score_app->callback([&] {
    if (!parse_tokens(score_tokens, &score_arguments.tokens))
      throw CLI::ValidationError("--tokens", "takes ids like 1,2,3");
    status = score(score_arguments);
  });

  DecodeArguments decode_arguments;
  auto* decode_app =
      app.add_subcommand("decode", "beam search over a catalogue's semantic ids; JSON Lines out");
  decode_app->add_option("--model", decode_arguments.model, "model folder")->required();
  decode_app
      ->add_option("--catalog", decode_arguments.catalog,
                   "index.json (item -> token texts) or JSON Lines {\"item\", \"tokens\"}")
      ->required();
  decode_app->add_option("--prompts", decode_arguments.prompts, "JSON Lines {\"tokens\": [..]}")
      ->required();
  decode_app->add_option("--beams", decode_arguments.beams, "beam width, and rows returned")
      ->check(CLI::PositiveNumber);
  decode_app
      ->add_option("--score", decode_arguments.score,
                   "softmax over: model (full vocabulary), level, trie (valid children)")
      ->check(CLI::IsMember({"model", "level", "trie"}));
  decode_app->add_flag("--unconstrained", decode_arguments.unconstrained,
                       "any token at each level; invalid ids have no items");
  decode_app->add_flag("--exact", decode_arguments.exact,
                       "score every catalogue entry instead of searching");
  decode_app->add_option("--device", decode_arguments.device, "cpu or cuda")
      ->check(CLI::IsMember({"cpu", "cuda"}));
  decode_app->add_flag("--json", decode_arguments.json, "errors as JSON too");
  decode_app->callback([&] { status = decode(decode_arguments); });

  if (names_no_command(app, argc, argv)) return kUserError;
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    if (e.get_exit_code() != 0 && std::count(argv, argv + argc, std::string_view("--json")) > 0) {
      return report(rexp::user_error(e.what(), "see rexp --help"), true);
    }
    return app.exit(e) == 0 ? kOk : kUserError;
  } catch (const std::exception& e) {
    std::fprintf(stderr, "internal fault: %s\n", e.what());
    return kInternalFault;
  }
  return status;
}
