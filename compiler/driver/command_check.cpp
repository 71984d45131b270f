#include <cstdio>

#include "compiler/driver/arguments.h"
#include "compiler/driver/commands.h"
#include "compiler/driver/compile.h"
#include "compiler/driver/compile_options.h"
#include "compiler/driver/emit.h"
#include "compiler/driver/output.h"

namespace rexp::driver {

namespace {

struct CheckArguments : CompileArguments {
  std::string emit;  // a phase, or empty
  bool pedantic = false;
};

/// Stages of one experiment: they need a plan, and so its data.
int emit_planned(const CheckArguments& arguments, const plan::Plan& plan) {
  if (arguments.emit == "plan") return emit_plan(plan);
  if (arguments.emit == "rows") return emit_rows(plan);
  return emit_ir(plan, arguments.json);
}

std::string counted(size_t n, const std::string& thing) {
  return std::to_string(n) + " " + thing + (n == 1 ? "" : "s");
}

int check(const CheckArguments& arguments) {
  auto options = compile_options(arguments);
  if (!options) return report(options.error(), arguments.json);
  if (arguments.emit == "ast") return emit_tree(arguments);
  if (arguments.emit == "types") return emit_types(arguments, *options);
  if (arguments.emit == "value") return emit_values(arguments);
  options->check_only = arguments.emit.empty();
  options->pedantic = arguments.pedantic;
  source::SourceMap sources;
  diagnostics::Sink sink;
  const plan::CompileResult result = compile(sources, arguments.file, *options, sink);
  if (result.ok && result.plan) return emit_planned(arguments, *result.plan);
  const int status = report(sink, sources, arguments.json);
  if (status == kOk && !arguments.json) {
    std::printf("%s: fine (%s, %s)\n", arguments.file.c_str(),
                counted(result.experiments.size(), "experiment").c_str(),
                counted(result.templates.size(), "template").c_str());
  }
  return status;
}

}  // namespace

void add_check(Command& program) {
  auto arguments = std::make_shared<CheckArguments>();
  Command command = program.command("check", "type-check a file: names, units, leaks, loss masks");
  add_compile_options(command, *arguments);
  command.choice("--emit", arguments->emit, {"ast", "types", "value", "plan", "rows", "llvm"},
                 "print a phase: ast, types, value, plan, rows (row functions) or llvm (IR)");
  command.flag("--pedantic", arguments->pedantic,
               "suspicions too: what is allowed and rarely meant (R08)");
  command.does([arguments] { return check(*arguments); });
}

}  // namespace rexp::driver
