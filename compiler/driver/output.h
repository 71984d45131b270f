// What a command says when something is wrong, and the exit code for it: 0 fine, 2 the user's to mend, 1 ours.
#pragma once

#include "runtime/base/json.h"

#include "compiler/diagnostics/diagnostics.h"
#include "runtime/base/result.h"

namespace rexp::driver {

inline constexpr int kOk = 0, kInternalFault = 1, kUserError = 2;

/// Prints an error on standard error, or with `json` as one object {"ok": false, "error": {..}} on standard output. Of several processes
/// that run together those behind the first say which they are.
int report(const Error& error, bool json, int process = 0);
/// The same for an error object of the runtime library.
int report_runtime(nlohmann::json error, bool json, int process = 0);
/// Prints diagnostics (and how many were left out); the exit code is kUserError when one of them is an error. With `json`, one object
/// {"ok", "diagnostics": [..]} on standard output.
int report(diagnostics::Sink& sink, const source::SourceMap& sources, bool json);

/// Colour on standard error: a terminal, and NO_COLOR not set.
bool colour();
void print_json(const nlohmann::json& value);

}  // namespace rexp::driver
