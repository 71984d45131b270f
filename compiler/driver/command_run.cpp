#include <unistd.h>

#include <chrono>
#include <cstdio>

#include "compiler/driver/arguments.h"
#include "compiler/driver/commands.h"
#include "compiler/driver/compile.h"
#include "compiler/driver/compile_options.h"
#include "compiler/driver/output.h"
#include "compiler/driver/paths.h"
#include "compiler/driver/run_record.h"
#include "compiler/driver/runtime_library.h"
#include "compiler/driver/voices.h"
#include "runtime/store/file.h"
#include "runtime/store/runs.h"
#include "runtime/store/store.h"

namespace rexp::driver {

namespace {

double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

struct ExecutionArguments : RunArguments {
  bool quiet = false;
  int64_t checkpoint_every = 30;
};

nlohmann::json run_options(const ExecutionArguments& arguments) {
  nlohmann::json options = {{"store", store_folder(arguments.store)},
                            {"threads", arguments.threads},
                            {"tokenizer", qwen_ranks_path()},
                            {"progress", arguments.quiet ? "none" : "bar"},
                            {"checkpoint_seconds", arguments.checkpoint_every}};
  if (arguments.device) options["device"] = *arguments.device;
  return options;
}

/// Runs a compiled plan; on success `result` is what `--json` prints.
class Execution {
 public:
  Execution(const ExecutionArguments& arguments, const RuntimeLibrary& library)
      : arguments_(arguments), library_(library) {
    run_ = library.open_run(run_options(arguments));
  }
  ~Execution() { library_.close_run(run_); }
  Execution(const Execution&) = delete;

  int execute(const plan::CompileResult& compiled, const jit::CompiledPlan& code) {
    const plan::Plan& plan = *compiled.plan;
    if (const auto error = library_.error(run_); !error.is_null())
      return report_runtime(error, arguments_.json);
    const double start = now();
    auto registry = store::RunRegistry::open(store_folder(arguments_.store) + "/runs.db");
    if (!registry) return report(registry.error(), arguments_.json);
    nlohmann::json keys = nlohmann::json::array();
    for (const plan::Node& node : plan.nodes) keys.push_back(node.key);
    auto id = registry->record_run(plan.experiment, arguments_.file, keys.dump());
    if (!id) return report(id.error(), arguments_.json);
    if (Status kept = keep_record(arguments_, *id, compiled); !kept.ok())
      return report(kept.error(), arguments_.json);
    library_.catch_interrupts();
    const int32_t status = code.main(run_);
    const double seconds = now() - start;
    if (status != REXP_OK) {
      const Status finished = registry->finish_run(
          *id, status == REXP_INTERRUPTED ? "interrupted" : "failed", seconds, "{}");
      const int code_of_error = report_runtime(library_.error(run_), arguments_.json);
      if (!finished.ok()) report(finished.error(), false);
      return code_of_error;
    }
    return finish(plan, &*registry, *id, seconds);
  }

 private:
  int finish(const plan::Plan& plan, store::RunRegistry* registry, int64_t id, double seconds) {
    const std::string folder =
        store::artifact_folder(store_folder(arguments_.store), plan.nodes[plan.report].key);
    auto text = store::read_file(folder + "/metrics.json");
    if (!text) return report(text.error(), arguments_.json);
    const auto parsed = parse_json(*text, folder + "/metrics.json");
    if (!parsed) return report(parsed.error(), arguments_.json);
    const nlohmann::json& metrics = *parsed;
    const auto& rows = metrics.at("rows");
    if (Status status = registry->finish_run(id, "ok", seconds, headline(rows).dump());
        !status.ok())
      return report(status.error(), arguments_.json);
    if (arguments_.json) {
      print_json({{"ok", true},
                  {"experiment", plan.experiment},
                  {"run", id},
                  {"seconds", seconds},
                  {"metrics", rows},
                  {"notes", metrics.value("notes", nlohmann::json::array())},
                  {"report", folder + "/report.html"},
                  {"nodes", library_.outcomes(run_)}});
      return kOk;
    }
    auto table = store::read_file(folder + "/table.txt");
    if (!table) return report(table.error(), false);
    size_t cached = 0;
    const auto outcomes = library_.outcomes(run_);
    for (const auto& outcome : outcomes) cached += outcome["state"] == "cached" ? 1 : 0;
    std::printf("%s\n%zu nodes, %zu of them cached; %.1f s\nreport: %s/report.html\n",
                table->c_str(), outcomes.size(), cached, seconds, folder.c_str());
    return kOk;
  }

  const ExecutionArguments& arguments_;
  const RuntimeLibrary& library_;
  RexpRun* run_ = nullptr;
};

int run(const ExecutionArguments& arguments) {
  auto options = compile_options(arguments);
  if (!options) return report(options.error(), arguments.json);
  source::SourceMap sources;
  diagnostics::Sink sink;
  const plan::CompileResult result = compile(sources, arguments.file, *options, sink);
  if (!result.plan) return report(sink, sources, arguments.json);
  if (sink.size() > 0 && !arguments.json) report(sink, sources, false);
  auto library = RuntimeLibrary::open();
  if (!library) return report(library.error(), arguments.json);
  Voices voices;
  auto code = jit::compile_plan(*result.plan, voices.options(), library->node_entries());
  if (!code) return report(code.error(), arguments.json);
  Execution execution(arguments, *library);
  return execution.execute(result, *code);
}

}  // namespace

void add_run(Command& program) {
  auto arguments = std::make_shared<ExecutionArguments>();
  Command command =
      program.command("run", "run an experiment; what is already in the store is not done again");
  add_compile_options(command, *arguments);
  command.text("experiment", arguments->experiment,
               "which experiment of the file (default: the only one)");
  add_run_options(command, *arguments);
  command.count("--checkpoint-every", arguments->checkpoint_every, 1,
                "at least so many seconds between two checkpoints of a stage (default: 30); they "
                "never take more than 2 % of the time");
  command.flag("--quiet", arguments->quiet, "no progress");
  command.does([arguments] { return run(*arguments); });
}

}  // namespace rexp::driver
