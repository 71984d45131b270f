// What the compiler is asked for, and what it gives: driver/compile.h.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "compiler/eval/sweep_show.h"
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
  bool pedantic = false;  // suspicions too
  int64_t only = 0;       // of a sweep: plan this run alone, counted from 1; 0: all
};

/// A parameter of the experiment as it was run: what a run record keeps.
struct Parameter {
  std::string name, value;
};

/// One experiment of a sweep: a point of its axes, with one of its seeds.
struct SweepRun {
  int64_t number = 0;               // from 1, over all runs of the sweep
  int64_t point = 0;                // from 0
  std::vector<std::string> values;  // one per axis, as they are written
  uint64_t seed = 1;
  std::vector<Parameter> parameters;
  nlohmann::ordered_json value;
  Plan plan;
};

struct SweepPlan {
  std::string name;
  std::vector<std::string> axes;  // "learn.optimizer.lr"
  std::optional<eval::SweepTable> table;
  std::optional<eval::SweepBest> best;
  std::vector<SweepRun> runs;  // in the order of the axes; the repeats of a point stand together
};

/// A file of the user.
struct ProgramFile {
  std::string path, text;
};

struct CompileResult {
  bool ok = false;                       // no error was reported
  std::vector<std::string> experiments;  // of the main file, in file order
  std::vector<std::string> sweeps;
  std::vector<std::string> templates;  // of all the user's modules
  std::string experiment;              // the one that was planned, or that a sweep varies
  std::string asked_sweep;             // the name of the sweep that was asked for
  std::vector<Parameter> parameters;
  nlohmann::ordered_json value;      // the evaluated experiment, as experiment_json.h says
  std::vector<ProgramFile> program;  // the main file and what it imports, but for the library
  std::optional<Plan> plan;          // of an experiment
  std::optional<SweepPlan> sweep;    // of a sweep
};

}  // namespace rexp::plan
