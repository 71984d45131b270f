// Runs a reader's target on mutated seeds without libFuzzer: the same inputs for the same seed, on any compiler.
//
//   fuzz_tables --seconds 120 --seed 7       mutated seeds; a finding is written to a file
//   fuzz_tables FILES                        these inputs only
//   fuzz_tables --write-seeds FOLDER         the seeds as files, for libFuzzer
#include <sys/resource.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>

#include "runtime/base/random.h"
#include "tests/fuzz/readers/reader_fuzz.h"

namespace rexp::fuzz {
namespace {

namespace fs = std::filesystem;

constexpr unsigned kMostSeconds = 20;  // of one input

/// What parsers of numbers, lists and texts trip over.
constexpr std::string_view kPieces[] = {"-1",
                                        "0",
                                        "2147483647",
                                        "2147483648",
                                        "4294967296",
                                        "9223372036854775807",
                                        "18446744073709551615",
                                        "1e99",
                                        "1e999",
                                        "1.5",
                                        "null",
                                        "true",
                                        "[]",
                                        "{}",
                                        "[",
                                        "]",
                                        "{",
                                        "}",
                                        "\"",
                                        ",",
                                        ":",
                                        "\n",
                                        "\r\n",
                                        "\t",
                                        "|",
                                        "\\u0000",
                                        "\\ud800",
                                        "\xEF\xBB\xBF",
                                        "\xFF",
                                        "\xC3",
                                        "\"\"",
                                        "nan"};

/// A fair stream of draws.
class Draws {
 public:
  explicit Draws(uint64_t stream) : stream_(stream) {}
  uint64_t below(uint64_t n) { return n == 0 ? 0 : rexp::below(stream_, use_++, n); }

 private:
  uint64_t stream_;
  uint64_t use_ = 0;
};

void set_number(Draws& draws, std::string* text) {
  constexpr int64_t kNumbers[] = {0,     1,         -1,        127,       128,      255,
                                  65535, INT32_MAX, INT32_MIN, INT64_MAX, INT64_MIN};
  const int64_t number = kNumbers[draws.below(std::size(kNumbers))];
  const size_t width = size_t{1} << draws.below(4), at = draws.below(text->size());
  for (size_t i = 0; i < width && at + i < text->size(); ++i)
    (*text)[at + i] = static_cast<char>(number >> (8 * i));
}

void mutate_once(Draws& draws, const std::vector<std::string>& seeds, std::string* text) {
  const size_t at = draws.below(text->size() + 1);
  const size_t size = std::min(text->size() - at, size_t{1} << draws.below(8));
  switch (draws.below(9)) {
    case 0:
      if (at < text->size()) (*text)[at] = static_cast<char>((*text)[at] ^ (1 << draws.below(8)));
      break;
    case 1:
      if (at < text->size()) (*text)[at] = static_cast<char>(draws.below(256));
      break;
    case 2: text->erase(at, size); break;
    case 3: text->insert(at, text->substr(draws.below(text->size() + 1), size)); break;
    case 4: text->insert(at, kPieces[draws.below(std::size(kPieces))]); break;
    case 5:
      text->replace(at, std::min<size_t>(size, 8), kPieces[draws.below(std::size(kPieces))]);
      break;
    case 6: set_number(draws, text); break;
    case 7: text->resize(at); break;
    default: {
      const std::string& other = seeds[draws.below(seeds.size())];
      text->replace(at, size,
                    other.substr(draws.below(other.size() + 1), size_t{1} << draws.below(10)));
    }
  }
}

std::string mutated(const std::vector<std::string>& seeds, uint64_t stream) {
  Draws draws(stream);
  std::string text = seeds[draws.below(seeds.size())];
  const char reader = text.empty() ? '\0' : text[0];
  for (uint64_t left = 1 + draws.below(6); left > 0; --left) mutate_once(draws, seeds, &text);
  if (text.empty() || draws.below(16) > 0) text.replace(0, text.empty() ? 0 : 1, 1, reader);
  return text;
}

/// What is being tried, for the handler of the signal that it may end with.
std::string* current = nullptr;
std::string* finding_path = nullptr;

void keep_finding(int number) {
  std::ofstream(*finding_path, std::ios::binary) << *current;
  std::fprintf(stderr, "signal %d; the input is in %s\n", number, finding_path->c_str());
  std::signal(number, SIG_DFL);
  std::raise(number);
}

void try_input(std::string input) {
  static std::string trying;
  trying = std::move(input);
  current = &trying;
  alarm(kMostSeconds);
  LLVMFuzzerTestOneInput(reinterpret_cast<const uint8_t*>(trying.data()), trying.size());
  alarm(0);
}

struct Arguments {
  double seconds = 3;
  uint64_t seed = 1;
  std::string out = ".", write_seeds;
  std::vector<std::string> files;
};

int run(const Arguments& arguments, const std::string& program) {
  if (!arguments.write_seeds.empty()) {
    fs::create_directories(arguments.write_seeds);
    size_t number = 0;
    for (const std::string& text : seeds())
      std::ofstream(fs::path(arguments.write_seeds) / std::to_string(number++), std::ios::binary)
          << text;
    return 0;
  }
  for (const std::string& file : arguments.files) try_input(contents_of(file));
  if (!arguments.files.empty()) return 0;
  const std::vector<std::string> start = seeds();
  for (const std::string& text : start) try_input(text);
  const auto end =
      std::chrono::steady_clock::now() + std::chrono::duration<double>(arguments.seconds);
  uint64_t round = 0;
  for (; std::chrono::steady_clock::now() < end; ++round)
    try_input(mutated(start, stream(arguments.seed, round)));
  std::cout << program << ": " << round << " inputs from " << start.size()
            << " seeds, all answered\n";
  return 0;
}

}  // namespace
}  // namespace rexp::fuzz

#if defined(__SANITIZE_ADDRESS__)
extern "C" void __sanitizer_set_death_callback(void (*callback)());
#endif

int main(int argc, char** argv) {
  CLI::App app{"Gives mutated files to a reader and looks for those that it does not answer"};
  rexp::fuzz::Arguments arguments;
  app.add_option("--seconds", arguments.seconds, "how long");
  app.add_option("--seed", arguments.seed, "which inputs");
  app.add_option("--out", arguments.out, "folder for findings");
  app.add_option("--write-seeds", arguments.write_seeds,
                 "write the seeds into this folder and end");
  app.add_option("files", arguments.files, "inputs to try instead");
  CLI11_PARSE(app, argc, argv);
  const std::string program = std::filesystem::path(argv[0]).filename().string();
  std::filesystem::create_directories(arguments.out);
  static std::string path = arguments.out + "/" + program + "_" + std::to_string(arguments.seed) +
                            "_" + std::to_string(getpid());
  rexp::fuzz::finding_path = &path;
  for (const int number : {SIGABRT, SIGALRM, SIGBUS, SIGFPE})
    std::signal(number, rexp::fuzz::keep_finding);
#if defined(__SANITIZE_ADDRESS__)
  __sanitizer_set_death_callback(
      [] { std::ofstream(path, std::ios::binary) << *rexp::fuzz::current; });
#else
  std::signal(SIGSEGV, rexp::fuzz::keep_finding);
  const rlimit memory{
      rlim_t{8} << 30,
      rlim_t{8} << 30};  // a count that nobody looked at is an allocation that fails
  setrlimit(RLIMIT_AS, &memory);
#endif
  return rexp::fuzz::run(arguments, program);
}
