// One function per command of `rexp`; each returns the exit code. main.cpp reads the arguments.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace rexp::driver {

/// What commands that compile have in common.
struct CompileArguments {
  std::string file;
  std::string experiment;              // empty: the only one, or the one named like the file
  std::vector<std::string> overrides;  // "path=expression"
  bool json = false;
};

struct RunArguments : CompileArguments {
  std::optional<std::string> store;
  std::optional<std::string> device;
  int threads = 0;
  bool quiet = false;
};

struct CheckArguments : CompileArguments {
  std::string emit;  // "", "ast", "types", "value", "plan", "rows", "llvm"
};

struct EvalArguments : CompileArguments {
  std::string
      name;  // a declaration, a field of one (`tune.optimizer`), an experiment or a sweep; empty: all of them
  std::string format = "text";  // "text", "json", "yaml"
};

struct RenderArguments : RunArguments {
  std::string name;  // of the template
  int64_t row = 0;
  std::string variant;  // empty: as drawn; "all": every wording
  std::string as;       // "train", "ask"; empty: as trained, else as asked
  std::string in;       // the task or the protocol; empty: the first that uses the template
  bool tokens = false, mask = false;
};

int check(const CheckArguments& arguments);
int eval(const EvalArguments& arguments);
int run(const RunArguments& arguments);
int explain(const RunArguments& arguments);
int render(const RenderArguments& arguments);
int runs(const std::optional<std::string>& store, int64_t limit, bool json);
/// `code`: R0312, its name, or empty for a list of all.
int help(const std::string& code, bool json);

/// `model`: a folder with tokenizer.json, or "qwen" for the ranks that set-up fetched.
int tokenize(const std::string& model, const std::string& text, bool specials, bool json);

struct ScoreArguments {
  std::string model;
  std::vector<int64_t> tokens;
  std::optional<std::string> device;
  bool json = false;
};
int score(const ScoreArguments& arguments);

struct DecodeArguments {
  std::string model, catalog, prompts;
  int64_t beams = 10;
  std::string score = "model";
  bool unconstrained = false, exact = false, json = false;
  std::optional<std::string> device;
};
int decode(const DecodeArguments& arguments);

}  // namespace rexp::driver
