// Where a value came from: `rexp why main.rexp tune.optimizer.lr`.
#include <algorithm>
#include <cstdio>

#include "compiler/driver/arguments.h"
#include "compiler/driver/commands.h"
#include "compiler/driver/compile_options.h"
#include "compiler/driver/compile_sweep.h"
#include "compiler/driver/output.h"
#include "compiler/plan/experiment_json.h"
#include "compiler/plan/overrides.h"

namespace rexp::driver {

namespace {

struct WhyArguments : CompileArguments {
  std::string path;
  std::optional<int64_t> only;
};

/// As the chain names them, weakest first.
constexpr const char* kLinkNames[] = {"default",  "declaration", "with",
                                      "argument", "axis",        "--set"};

/// The line of a place, without what is blank at its ends.
std::string line_at(const source::SourceMap& sources, source::Span span) {
  const std::string_view text = sources.text(span.file);
  const size_t newline = text.rfind('\n', span.begin);
  size_t begin = newline == std::string_view::npos ? 0 : newline + 1;
  if (span.begin == 0) begin = 0;
  const size_t end = std::min(text.find('\n', span.begin), text.size());
  const std::string_view line = text.substr(begin, end - begin);
  const size_t first = line.find_first_not_of(" \t");
  if (first == std::string_view::npos) return "";
  return std::string(line.substr(first, line.find_last_not_of(" \t\r") - first + 1));
}

nlohmann::ordered_json link_json(const source::SourceMap& sources, const eval::Origin& link) {
  const source::Place place = sources.place(link.span.file, link.span.begin);
  const bool repeats = sources.name(link.span.file) == "repeat";
  return {{"from", repeats ? "repeat" : kLinkNames[static_cast<size_t>(link.kind)]},
          {"file", sources.name(link.span.file)},
          {"line", place.line},
          {"column", place.point_column},
          {"text", line_at(sources, link.span)}};
}

/// With the values of a sweep's run in place, where one was asked for.
bool enter_run(plan::Front& front, const plan::CompileOptions& options, diagnostics::Sink& sink) {
  if (front.result.asked_sweep.empty()) {
    if (options.only == 0) return true;
    sink.add(diagnostics::Kind::bad_override, {},
             "`--only` is for sweeps, `" + front.result.experiment + "` is an experiment");
    return false;
  }
  plan::CompileOptions one = options;
  one.only = std::max<int64_t>(1, options.only);
  auto settings = settings_of_run(front, one, sink);
  if (!settings) return false;
  front.evaluator.emplace(front.program, front.typed, std::move(*settings));
  return true;
}

int why(const WhyArguments& arguments) {
  auto options = compile_options(arguments);
  if (!options) return report(options.error(), arguments.json);
  options->only = arguments.only.value_or(0);
  source::SourceMap sources;
  diagnostics::Sink sink;
  plan::Front front(sources, *options, sink);
  if (!front.load(arguments.file) || !front.check()) return report(sink, sources, arguments.json);
  const bool chooses = !arguments.experiment.empty() || !front.result.experiments.empty();
  if (chooses && !front.choose(arguments.file)) return report(sink, sources, arguments.json);
  if (!front.assign()) return report(sink, sources, arguments.json);
  const ast::Path path = plan::read_path(arguments.path, front.program);
  if (!check::check_path(front.program, front.typed, front.result.experiment, path) ||
      !enter_run(front, *options, sink))
    return report(sink, sources, arguments.json);
  std::optional<eval::ExperimentValue> experiment;
  if (chooses) {
    experiment = eval::evaluate_experiment(*front.evaluator, front.experiment());
    if (!experiment) return report(sink, sources, arguments.json);
  }
  const auto found =
      eval::provenance_of(*front.evaluator, experiment ? &*experiment : nullptr, path);
  if (!found) {
    if (!sink.has_errors()) {
      sink.add(diagnostics::Kind::bad_override, {},
               "nothing of `" + arguments.path + "` is used in `" + front.result.experiment + "`")
          .help = "name the experiment or sweep that uses it behind the path";
    }
    return report(sink, sources, arguments.json);
  }
  const auto value = plan::value_json(*front.evaluator, found->value);
  nlohmann::ordered_json links = nlohmann::ordered_json::array();
  for (const eval::Origin& link : found->links) links.push_back(link_json(sources, link));
  if (arguments.json) {
    const nlohmann::ordered_json out = {
        {"path", arguments.path}, {"value", value}, {"links", std::move(links)}};
    std::printf("%s\n", out.dump().c_str());
    return kOk;
  }
  std::printf("%s = %s\n", arguments.path.c_str(),
              eval::print(*front.evaluator, found->value).c_str());
  for (const auto& link : links) {
    const std::string place = link["file"].get<std::string>() + ":" +
                              std::to_string(link["line"].get<int>()) + ":" +
                              std::to_string(link["column"].get<int>());
    std::printf("  %-11s  %s\n               %s\n", link["from"].get<std::string>().c_str(),
                place.c_str(), link["text"].get<std::string>().c_str());
  }
  return kOk;
}

}  // namespace

void add_why(Command& program) {
  auto arguments = std::make_shared<WhyArguments>();
  Command command = program.command(
      "why", "where a value came from: default, declaration, `with`, argument, axis, --set");
  add_compile_options(command, *arguments);
  command.text("path", arguments->path,
               "such as tune.optimizer.lr: into a declaration, or a parameter of the experiment",
               Given::must_be);
  command.text("experiment", arguments->experiment,
               "which experiment or sweep of the file (default: the only experiment)");
  command.count("--only", arguments->only, 1,
                "of a sweep: in which of its runs (default: the first)");
  command.does([arguments] { return why(*arguments); });
}

}  // namespace rexp::driver
