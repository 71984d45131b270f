#include "compiler/driver/sweep_session.h"

#include <csignal>
#include <cstdio>
#include <list>
#include <set>
#include <thread>

#include "compiler/driver/output.h"
#include "compiler/driver/paths.h"
#include "compiler/driver/process.h"
#include "compiler/driver/sweep_result.h"
#include "runtime/store/store.h"

namespace rexp::driver {

namespace {

volatile std::sig_atomic_t interrupts = 0;
void count_interrupt(int) { interrupts = interrupts + 1; }

class SweepSession {
 public:
  SweepSession(const ExecutionArguments& arguments, const plan::CompileResult& compiled,
               const store::Store& store)
      : arguments_(arguments),
        sweep_(*compiled.sweep),
        store_(store),
        states_(sweep_.runs.size(), State::waiting),
        jobs_(static_cast<size_t>(arguments.jobs.value_or(1))) {}

  int run(const std::string& experiment) {
    struct sigaction action{};
    action.sa_handler = count_interrupt;
    sigaction(SIGINT, &action, nullptr);
    sigaction(SIGTERM, &action, nullptr);
    for (size_t i = 0; i < states_.size(); ++i) {
      if (store::has_artifact(store_.root(), report_of(i))) states_[i] = State::found;
    }
    while (work()) std::this_thread::sleep_for(std::chrono::milliseconds(100));
    if (interrupts > 0) return interrupted();
    return show_sweep(arguments_, sweep_, experiment, finished(), failures_, code_);
  }

 private:
  enum class State : uint8_t { waiting, running, found, made, failed };
  struct Running {
    size_t run;
    std::string node;  // that it does first
    Process process;
  };

  const std::string& report_of(size_t run) const {
    const plan::Plan& plan = sweep_.runs[run].plan;
    return plan.nodes[static_cast<size_t>(plan.report)].key;
  }

  /// The first node of a run that is not in the store.
  const plan::Node* next_node(size_t run) const {
    for (const plan::Node& node : sweep_.runs[run].plan.nodes) {
      if (!store::has_artifact(store_.root(), node.key)) return &node;
    }
    return nullptr;
  }

  std::string described(size_t run) const {
    const plan::SweepRun& one = sweep_.runs[run];
    std::string text =
        "run " + std::to_string(one.number) + " of " + std::to_string(sweep_.runs.size()) + " (";
    for (size_t i = 0; i < one.values.size(); ++i)
      text += sweep_.axes[i] + " = " + one.values[i] + ", ";
    return text + "seed " + std::to_string(one.seed) + ")";
  }

  void say(const std::string& text) const {
    if (!arguments_.quiet) std::fprintf(stderr, "%s\n", text.c_str());
  }

  /// One look at everything; false when there is nothing left to do.
  bool work() {
    for (int seen = passed_on_; seen < interrupts; seen = ++passed_on_) {
      if (seen == 0) std::fprintf(stderr, "interrupted; the runs end at the next safe place\n");
      for (const Running& running : running_) running.process.interrupt();
    }
    for (auto running = running_.begin(); running != running_.end();) {
      if (!running->process.finished()) {
        ++running;
        continue;
      }
      end(*running);
      running = running_.erase(running);
    }
    while (interrupts == 0 && running_.size() < jobs_) {
      const auto run = choose();
      if (!run || !start(*run)) break;
    }
    return !running_.empty();
  }

  /// The first waiting run whose next node nobody is making; where nothing runs here, the first of all: it waits for the other process.
  std::optional<size_t> choose() {
    std::set<std::string> taken;
    for (const Running& running : running_) taken.insert(running.node);
    std::optional<size_t> first;
    for (size_t i = 0; i < states_.size(); ++i) {
      if (states_[i] != State::waiting) continue;
      const plan::Node* node = next_node(i);
      if (node == nullptr) {
        states_[i] = State::found;
      } else if (const auto why = failed_nodes_.find(node->key); why != failed_nodes_.end()) {
        fail(i, "`" + node->name + "` has failed in run " + std::to_string(why->second + 1));
      } else if (taken.count(node->key) == 0 && !store_.is_locked(node->key)) {
        return i;
      } else if (!first) {
        first = i;
      }
    }
    return running_.empty() ? first : std::nullopt;
  }

  bool start(size_t run) {
    const plan::Node* node = next_node(run);
    auto process = Process::start(command(run));
    if (!process) {
      report(process.error(), arguments_.json);
      code_ = kUserError;
      return false;
    }
    say(described(run));
    states_[run] = State::running;
    running_.push_back({run, node == nullptr ? "" : node->key, std::move(*process)});
    return true;
  }

  std::vector<std::string> command(size_t run) const {
    std::vector<std::string> out = {"run",
                                    arguments_.file,
                                    sweep_.name,
                                    "--only",
                                    std::to_string(sweep_.runs[run].number),
                                    "--json",
                                    "--store",
                                    store_.root(),
                                    "--checkpoint-every",
                                    std::to_string(arguments_.checkpoint_every)};
    for (const std::string& text : arguments_.overrides) {
      out.emplace_back("--set");
      out.push_back(text);
    }
    if (arguments_.device) {
      out.emplace_back("--device");
      out.push_back(*arguments_.device);
    }
    int64_t threads = arguments_.threads;
    if (threads == 0 && jobs_ > 1) {
      const auto cores = static_cast<int64_t>(std::thread::hardware_concurrency());
      threads = std::max<int64_t>(1, cores / static_cast<int64_t>(jobs_));
    }
    out.emplace_back("--threads");
    out.push_back(std::to_string(threads));
    if (arguments_.quiet || jobs_ > 1) out.emplace_back("--quiet");
    return out;
  }

  void end(Running& running) {
    const int code = running.process.code();
    if (code == kOk) {
      states_[running.run] = State::made;
      return;
    }
    if (interrupts > 0) {
      states_[running.run] = State::waiting;
      return;
    }
    const auto parsed = parse_own_json(running.process.output());
    std::string why = code > 128 ? "was ended by signal " + std::to_string(code - 128)
                                 : "ended with exit code " + std::to_string(code);
    if (parsed && parsed->contains("error")) {
      why = (*parsed)["error"].value("message", why);
      report_runtime((*parsed)["error"], false);
    }
    if (const plan::Node* node = next_node(running.run))
      failed_nodes_.emplace(node->key, running.run);
    if (code_ == kOk) code_ = code == kInternalFault ? kInternalFault : kUserError;
    fail(running.run, why);
  }

  void fail(size_t run, const std::string& why) {
    states_[run] = State::failed;
    failures_.push_back({run, why});
    std::fprintf(stderr, "%s failed: %s\n", described(run).c_str(), why.c_str());
  }

  std::vector<size_t> finished() const {
    std::vector<size_t> out;
    for (size_t i = 0; i < states_.size(); ++i) {
      if (states_[i] == State::found || states_[i] == State::made) out.push_back(i);
    }
    return out;
  }

  int interrupted() const {
    return report(Error{ErrorKind::interrupted,
                        std::to_string(finished().size()) + " of " +
                            std::to_string(states_.size()) + " runs are finished",
                        "run the same command again to continue",
                        {},
                        0},
                  arguments_.json);
  }

  const ExecutionArguments& arguments_;
  const plan::SweepPlan& sweep_;
  const store::Store& store_;
  std::vector<State> states_;
  size_t jobs_;
  std::list<Running> running_;
  std::map<std::string, size_t> failed_nodes_;  // by key: the run that met it
  std::vector<Failure> failures_;
  int passed_on_ = 0;
  int code_ = kOk;
};

}  // namespace

int run_sweep(const ExecutionArguments& arguments, const plan::CompileResult& compiled) {
  const auto store = store::Store::open(store_folder(arguments.store));
  if (!store) return report(store.error(), arguments.json);
  return SweepSession(arguments, compiled, *store).run(compiled.experiment);
}

}  // namespace rexp::driver
