// Looks for programs that the compiler does not answer: a crash, an endless wait, `fine` without a plan.
//
//   splice_fuzz --seconds 600 --seed 1            pieces of all .rexp files of the repository
//   splice_fuzz --seed 1 --round 4711             prints the program of one round and what comes of it
//   splice_fuzz --seconds 60 FILES                pieces of these files only
//
// Each finding is written to a file; the exit code is 1 when there is one.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <optional>
#include <sstream>

#include "tests/fuzz/look.h"
#include "tests/fuzz/splicer.h"
#include "tests/support/sandbox.h"

namespace {

namespace fs = std::filesystem;
using rexp::testing::Ended;

constexpr int kWrongAnswer = 3, kKeptOfAKind = 3;

struct Arguments {
  double seconds = 10, limit = 1;
  uint64_t seed = 1;
  std::optional<uint64_t> round;
  std::string out = ".";
  std::vector<std::string> files;
};

std::string read(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

std::vector<std::string> all_files() {
  std::vector<std::string> files;
  for (const char* folder : {"examples", "experiments", "stdlib", "tests"}) {
    for (const auto& entry : fs::recursive_directory_iterator(fs::path(REXP_SOURCE_DIR) / folder)) {
      if (entry.path().extension() == ".rexp") files.push_back(entry.path().string());
    }
  }
  std::sort(files.begin(), files.end());
  return files;
}

/// Nothing is known to be wrong with it alone: it names no code, was not written for the parser only and imports the library at most.
bool stands_alone(const std::string& file, const std::string& text) {
  for (size_t at = text.find("\nimport "); at != std::string::npos;
       at = text.find("\nimport ", at + 1)) {
    if (text.compare(at + 8, 4, "std.") != 0) return false;
  }
  return text.find("R0") == std::string::npos && file.find("/parse/") == std::string::npos;
}

/// What golden files expect, most of their length, is left out.
rexp::fuzz::Splicer splicer_of(const std::vector<std::string>& files) {
  std::vector<std::string> whole, broken;
  for (const std::string& file : files) {
    const std::string text = read(file);
    (stands_alone(file, text) ? whole : broken)
        .push_back(text.substr(0, text.find("\n\n// expect:")) + "\n");
  }
  if (whole.empty()) std::swap(whole, broken);
  return {whole, broken};
}

class Fuzzer {
 public:
  explicit Fuzzer(const Arguments& arguments)
      : arguments_(arguments),
        splicer_(splicer_of(arguments.files.empty() ? all_files() : arguments.files)) {
    std::string pattern = (fs::temp_directory_path() / "rexp_fuzz_XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
    std::ofstream(folder_ / "ranks") << "";
    fs::create_directories(arguments.out);
  }
  ~Fuzzer() {
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
  }

  int run() {
    if (arguments_.round) return replay(*arguments_.round);
    const auto end =
        std::chrono::steady_clock::now() + std::chrono::duration<double>(arguments_.seconds);
    uint64_t round = 0;
    for (; std::chrono::steady_clock::now() < end; ++round) {
      const std::string finding = look(round);
      if (!finding.empty()) keep(round, finding);
    }
    std::cout << round << " programs with seed " << arguments_.seed << ", " << seen_.size()
              << " kinds of findings\n";
    return seen_.empty() ? 0 : 1;
  }

 private:
  int replay(uint64_t round) {
    const std::string finding = look(round);
    std::cout << read(program()) << "\n// " << (finding.empty() ? "answered" : finding) << "\n";
    return finding.empty() ? 0 : 1;
  }

  fs::path program() const { return folder_ / "program.rexp"; }

  /// Empty, or what is wrong. Splicing parses, so it is done apart as well.
  std::string look(uint64_t round) const {
    fs::remove(program());
    const Ended end = rexp::testing::run_apart(arguments_.limit, [&] {
      std::ofstream(program(), std::ios::binary) << splicer_.program(arguments_.seed, round);
      const std::string problem = rexp::fuzz::look_at(program().string(), REXP_SOURCE_DIR "/stdlib",
                                                      (folder_ / "ranks").string());
      if (!problem.empty()) std::cerr << problem;
      return problem.empty() ? 0 : kWrongAnswer;
    });
    if (end.how == Ended::How::exited && end.code == 0) return "";
    const std::string words = end.printed.substr(0, end.printed.find('\n', 1));
    if (end.how == Ended::How::out_of_time)
      return "no answer within " + std::to_string(arguments_.limit) + " s";
    if (end.how == Ended::How::killed) return "signal " + std::to_string(end.code) + " " + words;
    return end.code == kWrongAnswer ? words : "exit code " + std::to_string(end.code) + " " + words;
  }

  /// Only the first few of those that say the same.
  void keep(uint64_t round, const std::string& finding) {
    if (++seen_[finding] > kKeptOfAKind) return;
    const fs::path file = fs::path(arguments_.out) / ("finding_" + std::to_string(arguments_.seed) +
                                                      "_" + std::to_string(round) + ".rexp");
    std::ofstream(file, std::ios::binary) << read(program());
    std::cout << "seed " << arguments_.seed << " round " << round << ": " << finding << "\n  "
              << file.string() << std::endl;
  }

  const Arguments& arguments_;
  rexp::fuzz::Splicer splicer_;
  fs::path folder_;
  std::map<std::string, int> seen_;
};

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{
      "Splices programs out of pieces of others and looks for those that are not answered"};
  Arguments arguments;
  app.add_option("--seconds", arguments.seconds, "how long");
  app.add_option("--seed", arguments.seed, "which programs");
  app.add_option("--round", arguments.round, "only this program of the seed, printed");
  app.add_option("--limit", arguments.limit, "seconds that one program may take");
  app.add_option("--out", arguments.out, "folder for findings");
  app.add_option("files", arguments.files,
                 "programs to take pieces of (default: the repository's)");
  CLI11_PARSE(app, argc, argv);
  return Fuzzer(arguments).run();
}
