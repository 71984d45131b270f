// What a program says once everything known while compiling has been put in: `rexp eval main.rexp tune.optimizer`.
#include <algorithm>
#include <cstdio>

#include "compiler/driver/command_eval.h"
#include "compiler/driver/commands.h"
#include "compiler/driver/compile_options.h"
#include "compiler/driver/output.h"
#include "compiler/driver/show.h"
#include "compiler/driver/yaml.h"

namespace rexp::driver {

namespace {

using nlohmann::ordered_json;

std::optional<Shown> evaluate(plan::Front& front, const EvalArguments& arguments) {
  if (arguments.name.empty()) return show_all(front);
  const std::string first = arguments.name.substr(0, arguments.name.find('.'));
  if (const auto symbol = front.program.lookup(front.program.main(), first))
    return show(front, *symbol, arguments.name);
  front.program.sink.add(diagnostics::Kind::unknown_name, {},
                         "nothing is called `" + first + "` in " + arguments.file +
                             check::did_you_mean(first, front.program.names(front.program.main())));
  return std::nullopt;
}

}  // namespace

int eval(const EvalArguments& arguments) {
  const bool json = arguments.json || arguments.format == "json";
  auto options = compile_options(arguments);
  if (!options) return report(options.error(), json);
  source::SourceMap sources;
  diagnostics::Sink sink;
  plan::Front front(sources, *options, sink);
  if (!front.load(arguments.file) || !front.check()) return report(sink, sources, json);
  const auto& known = front.result.experiments;
  if (std::find(known.begin(), known.end(), arguments.name) != known.end()) {
    front.result.experiment = arguments.name;  // whose parameters `--set` may name
  } else if (!arguments.overrides.empty() && !front.choose(arguments.file)) {
    return report(sink, sources, json);
  }
  if (!front.assign()) return report(sink, sources, json);
  const auto shown = evaluate(front, arguments);
  if (!shown || sink.has_errors()) return report(sink, sources, json);
  if (json) {
    const int indent = arguments.json ? -1 : 2;  // --json: one line, as of every command
    std::printf(
        "%s\n",
        shown->data.dump(indent, ' ', false, ordered_json::error_handler_t::replace).c_str());
  } else {
    std::fputs(arguments.format == "yaml" ? to_yaml(shown->data).c_str() : shown->text.c_str(),
               stdout);
  }
  return kOk;
}

void add_eval(Command& program) {
  auto arguments = std::make_shared<EvalArguments>();
  Command command = program.command("eval", "print what a declaration or an experiment comes to");
  add_compile_options(command, *arguments);
  command.text("name", arguments->name,
               "a declaration, a field of it (tune.optimizer), an experiment or a sweep");
  command.choice("--format", arguments->format, {"text", "json", "yaml"}, "text, json or yaml");
  command.does([arguments] { return eval(*arguments); });
}

}  // namespace rexp::driver
