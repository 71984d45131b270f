// What is kept of a run beside its artifacts: `<store>/runs/<id>.json` holds the program, the command, the evaluated experiment and the
// key of every node, so that it can be said later what was run, whatever has become of the files.
#pragma once

#include "runtime/base/json.h"

#include "compiler/driver/arguments.h"
#include "compiler/plan/options.h"
#include "runtime/base/result.h"

namespace rexp::driver {

std::string record_path(const std::string& store, int64_t run);
Status keep_record(const RunArguments& arguments, int64_t run, const plan::CompileResult& compiled);

/// What the registry keeps of the metrics of a run: every number by system, protocol, split and treatment of seen items.
nlohmann::json numbers(const nlohmann::json& rows);

}  // namespace rexp::driver
