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
#include "compiler/driver/run_session.h"
#include "compiler/driver/sweep_session.h"
#include "compiler/driver/voices.h"
#include "runtime/store/file.h"
#include "runtime/store/garbage.h"
#include "runtime/store/runs.h"
#include "runtime/store/store.h"

namespace rexp::driver {

namespace {

double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

nlohmann::json run_options(const ExecutionArguments& arguments) {
  nlohmann::json options = {{"store", store_folder(arguments.store)},
                            {"threads", arguments.threads},
                            {"tokenizer", qwen_ranks_path()},
                            {"progress", arguments.quiet ? "none" : "bar"},
                            {"checkpoint_seconds", arguments.checkpoint_every}};
  if (arguments.device) options["device"] = *arguments.device;
  return options;
}

/// Runs a compiled plan; on success process 0 prints the result and what `--json` asks for.
class Execution {
 public:
  Execution(const ExecutionArguments& arguments, RunSession& session)
      : arguments_(arguments), session_(session) {}

  int execute(const plan::CompileResult& compiled, const jit::CompiledPlan& code) {
    session_.library().catch_interrupts(session_.leads());
    return session_.leads() ? lead(compiled, code) : follow(code);
  }

 private:
  int follow(const jit::CompiledPlan& code) {
    const int32_t status = code.main(session_.run());
    return status == REXP_OK ? kOk : session_.failed(status);
  }

  int lead(const plan::CompileResult& compiled, const jit::CompiledPlan& code) {
    const plan::Plan& plan = *compiled.plan;
    const double start = now();
    auto registry = store::RunRegistry::open(store_folder(arguments_.store) + "/runs.db");
    if (!registry) return session_.failed(registry.error());
    auto id = record(*registry, compiled);
    if (!id) return session_.failed(id.error());
    const int32_t status = code.main(session_.run());
    const double seconds = now() - start;
    if (status != REXP_OK) {
      // where that fails too (a full disk), the run is listed as lost; what is told is why it failed
      (void)registry->finish_run(*id, status == REXP_INTERRUPTED ? "interrupted" : "failed",
                                 seconds, "[]");
      return session_.failed(status);
    }
    return finish(plan, &*registry, *id, seconds);
  }

  /// What the run refers to, before it looks for any of it: no collector takes it away then.
  Result<int64_t> record(store::RunRegistry& registry, const plan::CompileResult& compiled) {
    const auto store = store::Store::existing(store_folder(arguments_.store));
    if (!store) return store.error();
    const auto lock = store->lock(store::kRunsLock);
    if (!lock) return lock.error();
    nlohmann::json keys = nlohmann::json::array();
    for (const plan::Node& node : compiled.plan->nodes) keys.push_back(node.key);
    auto id = registry.record_run(compiled.plan->experiment, arguments_.file, keys.dump());
    if (!id) return id;
    REXP_TRY(keep_record(arguments_, *id, compiled));
    return id;
  }

  int finish(const plan::Plan& plan, store::RunRegistry* registry, int64_t id, double seconds) {
    const std::string folder =
        store::artifact_folder(store_folder(arguments_.store), plan.nodes[plan.report].key);
    auto text = store::read_file(folder + "/metrics.json");
    if (!text) return report(text.error(), arguments_.json);
    const auto parsed = parse_json(*text, folder + "/metrics.json");
    if (!parsed) return report(parsed.error(), arguments_.json);
    const nlohmann::json& metrics = *parsed;
    const auto& rows = metrics.at("rows");
    if (Status status = registry->finish_run(id, "ok", seconds, numbers(rows).dump()); !status.ok())
      return report(status.error(), arguments_.json);
    if (arguments_.json) {
      print_json({{"ok", true},
                  {"experiment", plan.experiment},
                  {"run", id},
                  {"seconds", seconds},
                  {"metrics", rows},
                  {"notes", metrics.value("notes", nlohmann::json::array())},
                  {"report", folder + "/report.html"},
                  {"nodes", session_.library().outcomes(session_.run())}});
      return kOk;
    }
    auto table = store::read_file(folder + "/table.txt");
    if (!table) return report(table.error(), false);
    size_t cached = 0;
    const auto outcomes = session_.library().outcomes(session_.run());
    for (const auto& outcome : outcomes) cached += outcome["state"] == "cached" ? 1 : 0;
    std::printf("%s\n%zu nodes, %zu of them cached; %.1f s\nreport: %s/report.html\n",
                table->c_str(), outcomes.size(), cached, seconds, folder.c_str());
    return kOk;
  }

  const ExecutionArguments& arguments_;
  RunSession& session_;
};

/// What only sweeps can be told, and what they cannot.
Status check_sweep_options(const ExecutionArguments& arguments, const plan::CompileResult& compiled,
                           bool alone) {
  if (compiled.asked_sweep.empty()) {
    const char* option = arguments.jobs ? "--jobs" : arguments.only ? "--only" : nullptr;
    if (option == nullptr) return {};
    return user_error("`" + std::string(option) + "` is for sweeps, `" + compiled.experiment +
                          "` is an experiment",
                      "name a sweep of the file, or leave the option out");
  }
  if (arguments.only && arguments.jobs)
    return user_error("`--only` is one run, `--jobs` says how many at a time",
                      "leave one of them out");
  if (!arguments.only && !alone)
    return user_error("a sweep starts its runs itself; several processes can train one of them",
                      "say which: `--only 1`");
  return {};
}

/// The one run of a sweep that was asked for, as an experiment like any other.
void take_only_run(plan::CompileResult* compiled) {
  plan::SweepRun& run = compiled->sweep->runs.front();
  compiled->plan = std::move(run.plan);
  compiled->value = std::move(run.value);
  compiled->parameters = std::move(run.parameters);
}

int run(const ExecutionArguments& arguments) {
  auto launch = group::read_launch();
  if (!launch) return report(launch.error(), arguments.json);
  RunSession session(*launch, run_options(arguments), arguments.json);
  // Processes that run together meet before anything can fail in one of them; alone, a program that is wrong loads no LibTorch.
  if (!session.alone()) {
    if (const int code = session.open(); code != kOk) return code;
  }
  auto options = compile_options(arguments);
  if (!options) return session.failed(options.error());
  options->only = arguments.only.value_or(0);
  source::SourceMap sources;
  diagnostics::Sink sink;
  plan::CompileResult result = compile(sources, arguments.file, *options, sink);
  if (!result.plan && !result.sweep) return session.failed(sink, sources);
  if (const Status fits = check_sweep_options(arguments, result, session.alone()); !fits.ok())
    return session.failed(fits.error());
  if (sink.size() > 0 && !arguments.json && session.leads()) report(sink, sources, false);
  if (result.sweep && !arguments.only) return run_sweep(arguments, result);
  if (result.sweep) take_only_run(&result);
  if (const int code = session.open(); code != kOk) return code;
  Voices voices;
  auto code = jit::compile_plan(*result.plan, voices.options(), session.library().node_entries());
  if (!code) return session.failed(code.error());
  return Execution(arguments, session).execute(result, *code);
}

}  // namespace

void add_run(Command& program) {
  auto arguments = std::make_shared<ExecutionArguments>();
  Command command = program.command(
      "run", "run an experiment or a sweep; what is already in the store is not done again");
  add_compile_options(command, *arguments);
  command.text("experiment", arguments->experiment,
               "which experiment or sweep of the file (default: the only experiment)");
  add_run_options(command, *arguments);
  command.count("--checkpoint-every", arguments->checkpoint_every, 1,
                "at least so many seconds between two checkpoints of a stage (default: 30); they "
                "never take more than 2 % of the time");
  command.count("--jobs", arguments->jobs, 1,
                "of a sweep: how many of its runs at a time (default: 1)");
  command.count("--only", arguments->only, 1,
                "of a sweep: this one of its runs, counted from 1, as an experiment of its own");
  command.flag("--quiet", arguments->quiet, "no progress");
  command.footer(
      "Several processes train together when RANK, WORLD_SIZE, MASTER_ADDR and MASTER_PORT say "
      "so:\n"
      "torchrun --no-python --nproc-per-node 2 rexp run FILE");
  command.does([arguments] { return run(*arguments); });
}

}  // namespace rexp::driver
