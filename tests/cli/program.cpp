#include "tests/cli/program.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace rexp::cli {

namespace fs = std::filesystem;

namespace {

std::string read_text(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

[[noreturn]] void become_rexp(const std::string& folder, const std::vector<std::string>& args,
                              const Process::Launch& launch, int out, int err) {
  const int in = open("/dev/null", O_RDONLY);
  if (chdir(folder.c_str()) != 0) _exit(127);
  setenv("REXP_STORE", (folder + "/store").c_str(), 1);
  dup2(in, STDIN_FILENO);
  dup2(out, STDOUT_FILENO);
  dup2(err, STDERR_FILENO);
  std::vector<char*> argv;
  std::string program = launch.program.empty() ? REXP_BUILD_DIR "/rexp" : launch.program;
  argv.push_back(program.data());
  for (const std::string& arg : args) argv.push_back(const_cast<char*>(arg.c_str()));
  argv.push_back(nullptr);
  if (launch.before) launch.before();
  execv(program.c_str(), argv.data());
  _exit(127);
}

constexpr char kExperiment[] = R"(edition 2026
import std.toy
import std.data
import std.core
import std.train { adamw }
import std.eval { evaluate, beam, hit }
import std.models { RandomModel, folder }
import std.baseline { popularity }

dataset films { source = toy.films(users = 60, items = 40); split = leave_one_out }
codebook sid { of = films.items; learn = toy.tree { levels = [8, 8, 8] }; clashes = extra_level }
template next_film(h: past History, next: target Item) {
  user "Seen: ${h.sid sep " "}. What comes next?"
  assistant "${next.sid}"
}
task next = [next_film(w.history, w.next) for w in films.train.windows(max = 20)]
stage learn { adds = sid.tokens; data = next; length = 5 steps; batch = 16 rows; optimizer = adamw { lr = 1e-3 } }
protocol last_one { rows = films.test.windows(max = 20); ask = next_film; decode = beam(10, within = sid.legal); metrics = [hit@1, hit@10] }
let small: Model = RandomModel { hidden = 32; layers = 1; heads = 2; kv_heads = 1; head_dim = 16; ffn = 64 }
experiment first(base: Model = small, seed: Seed = 7) {
  accuracy = [evaluate(m, last_one) for m in [base |> learn, popularity(films.train)]]
}
)";

}  // namespace

nlohmann::json Outcome::json() const {
  std::string last;
  std::istringstream lines(out);
  for (std::string line; std::getline(lines, line);) last = line;
  return nlohmann::json::parse(last, nullptr, false);
}

Process::Process(const std::string& folder, const std::vector<std::string>& args,
                 const Launch& launch) {
  static std::atomic<int> count{0};
  const std::string stem = folder + "/stream_" + std::to_string(count++);
  out_path_ = stem + ".out";
  err_path_ = stem + ".err";
  const int flags = O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC;
  const int out = open(out_path_.c_str(), flags, 0600), err = open(err_path_.c_str(), flags, 0600);
  pid_ = fork();
  if (pid_ == 0) become_rexp(folder, args, launch, out, err);
  close(out);
  close(err);
}

Process::Process(Process&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      status_(other.status_),
      out_path_(other.out_path_),
      err_path_(other.err_path_) {}

Process::~Process() {
  if (pid_ <= 0) return;
  kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
}

void Process::signal(int number) const {
  if (pid_ > 0) kill(pid_, number);
}

bool Process::running() {
  if (pid_ > 0 && waitpid(pid_, &status_, WNOHANG) == pid_) pid_ = -1;
  return pid_ > 0;
}

Outcome Process::wait() {
  if (pid_ > 0) waitpid(pid_, &status_, 0);
  pid_ = -1;
  const int code = WIFEXITED(status_) ? WEXITSTATUS(status_) : 128 + WTERMSIG(status_);
  return {code, read_text(out_path_), read_text(err_path_)};
}

Workplace::Workplace() {
  std::string pattern = (fs::temp_directory_path() / "rexp_cli_XXXXXX").string();
  folder_ = mkdtemp(pattern.data());
}

Workplace::~Workplace() {
  std::error_code ignored;
  fs::remove_all(folder_, ignored);
}

void Workplace::write(const std::string& name, const std::string& text) const {
  fs::create_directories(fs::path(path(name)).parent_path());
  std::ofstream(path(name), std::ios::binary) << text;
}

Outcome Workplace::rexp(const std::vector<std::string>& args) const { return start(args).wait(); }

Process Workplace::start(const std::vector<std::string>& args, const Variables& variables) const {
  const auto set_variables = [variables] {
    for (const auto& [name, value] : variables) setenv(name.c_str(), value.c_str(), 1);
  };
  return Process(folder_, args, {.program = {}, .before = set_variables});
}

Outcome Workplace::limited(int resource, uint64_t most,
                           const std::vector<std::string>& args) const {
  const auto set_limits = [resource, most] {
    const rlimit limit{most, most}, no_core{0, 0};
    setrlimit(static_cast<__rlimit_resource_t>(resource), &limit);
    setrlimit(RLIMIT_CORE, &no_core);
  };
  return Process(folder_, args, {"", set_limits}).wait();
}

Outcome Workplace::other(const std::string& program, const std::vector<std::string>& args) const {
  return Process(folder_, args, {program, {}}).wait();
}

std::string small_experiment(const Replacements& replacements) {
  std::string text = kExperiment;
  for (const auto& [from, to] : replacements) {
    const size_t at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    if (at != std::string::npos) text.replace(at, from.size(), to);
  }
  return text;
}

std::vector<std::string> names_in(const std::string& folder) {
  std::vector<std::string> names;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error))
    names.push_back(entry.path().filename().string());
  std::sort(names.begin(), names.end());
  return names;
}

nlohmann::json metric_values(const Outcome& run) {
  nlohmann::json out = nlohmann::json::object();
  const nlohmann::json printed = run.json();
  if (!printed.is_object() || !printed.contains("metrics")) return out;
  for (const auto& row : printed["metrics"]) {
    out[row["system"].get<std::string>() + " " + row["metric"].get<std::string>() + " " +
        row["seen"].get<std::string>()] = row["value"];
  }
  return out;
}

std::string artifact_of(const Workplace& place, const Outcome& run, const std::string& node) {
  const nlohmann::json result = run.json();
  for (const nlohmann::json& outcome : result["nodes"]) {
    if (outcome["name"] == node)
      return place.path("store/artifacts/" + outcome["key"].get<std::string>());
  }
  ADD_FAILURE() << "no node " << node << " in " << run.out;
  return "";
}

std::vector<nlohmann::json> json_lines(const std::string& path) {
  std::ifstream file(path);
  std::vector<nlohmann::json> out;
  for (std::string line; std::getline(file, line);) out.push_back(nlohmann::json::parse(line));
  return out;
}

bool trains(const std::string& work) {
  for (const std::string& key : names_in(work)) {
    std::error_code error;
    const auto size = std::filesystem::file_size(work + "/" + key + "/log.jsonl", error);
    if (!error && size > 0) return true;
  }
  return false;
}

std::map<std::string, std::string> states(const Outcome& outcome) {
  std::map<std::string, std::string> out;
  const nlohmann::json printed = outcome.json();
  if (!printed.is_object() || !printed.contains("nodes")) return out;
  for (const auto& node : printed["nodes"]) out[node["name"].get<std::string>()] = node["state"];
  return out;
}

bool has_qwen_tokenizer() {
  Workplace place;
  return place.rexp({"tokenize", "--model", "qwen", "--text", "a"}).code == 0;
}

}  // namespace rexp::cli
