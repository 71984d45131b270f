// rexp: check, run and explain experiments. This file hands the arguments to the commands; commands.h lists them.
#include <rexp_identity.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>

#include "compiler/diagnostics/diagnostics.h"
#include "compiler/driver/commands.h"
#include "compiler/driver/last_words.h"
#include "compiler/driver/output.h"
#include "runtime/base/fault.h"

namespace {

using namespace rexp::driver;

/// In the order in which `rexp --help` lists them.
constexpr AddCommand* kCommands[] = {add_check,    add_eval,  add_run,   add_explain, add_why,
                                     add_render,   add_runs,  add_show,  add_store,   add_help,
                                     add_tokenize, add_model, add_decode};

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

bool wants_json(int argc, char** argv) {
  return std::count(argv, argv + argc, std::string_view("--json")) > 0;
}

/// Reads the arguments and carries out the command they name; the exit code when that was not possible.
int parse(CLI::App& app, int argc, char** argv, const int& status) {
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    if (e.get_exit_code() != 0 && wants_json(argc, argv))
      return report(rexp::user_error(e.what(), "see rexp --help"), true);
    return app.exit(e) == 0 ? kOk : kUserError;
  } catch (const std::exception& e) {
    return report(rexp::fault(e, "the command"), wants_json(argc, argv));
  }
  return status;
}

}  // namespace

int main(int argc, char** argv) {
  const LastWords ready(wants_json(argc, argv));
  CLI::App app{"rexp: declarative experiments for LLM-based generative recommendation"};
  app.set_version_flag("--version", std::string("rexp ") + rexp::abi::kIdentity);
  app.require_subcommand(1);
  app.footer(
      "Exit codes: 0 fine, 2 something for you to mend, 1 a fault of rexp.\n"
      "What a code means: rexp help R0312. Start with: rexp run examples/toy.rexp");
  int status = kOk;
  Command program(app, status);
  for (AddCommand* add : kCommands) add(program);
  if (names_no_command(app, argc, argv)) return kUserError;
  return parse(app, argc, argv, status);
}
