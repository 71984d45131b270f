// What a sweep shows when its runs are done.
#pragma once

#include <string>
#include <vector>

#include "compiler/driver/arguments.h"
#include "compiler/plan/options.h"

namespace rexp::driver {

struct Failure {
  size_t run;
  std::string why;
};

/// Compares the finished runs, writes `<store>/sweeps/<name>-<hash>/` (report.html, rows.json, rows.csv, table.txt), and prints the table
/// or what `--json` asks for. Returns `code`, or the exit code of a failure of its own.
int show_sweep(const ExecutionArguments& arguments, const plan::SweepPlan& sweep,
               const std::string& experiment, const std::vector<size_t>& finished,
               const std::vector<Failure>& failures, int code);

}  // namespace rexp::driver
