// What the compiler is asked for, and what it gives: driver/compile.h.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "compiler/plan/catalog.h"
#include "compiler/plan/plan.h"
#include "runtime/base/json.h"

namespace rexp::plan {

struct CompileOptions {
  std::string stdlib_dir;
  SourceCatalog catalog;
  std::string experiment;  // or sweep; empty: the only experiment, else the one named like the file
  std::vector<std::string> overrides;  // "path=expression", weakest first
  uint64_t package_seed = 1;
  bool check_only = false;
};

/// A parameter of the experiment as it was run: what a run record keeps.
struct Parameter {
  std::string name, value;
};

struct CompileResult {
  bool ok = false;                       // no error was reported
  std::vector<std::string> experiments;  // of the main file, in file order
  std::vector<std::string> sweeps;
  std::vector<std::string> templates;  // of all the user's modules
  std::string experiment;              // the one that was planned
  std::vector<Parameter> parameters;
  nlohmann::ordered_json value;  // the evaluated experiment, as experiment_json.h says
  std::optional<Plan> plan;
};

}  // namespace rexp::plan
