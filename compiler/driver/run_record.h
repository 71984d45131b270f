// What is kept of a run beside its artifacts: `<store>/runs/<id>.json` holds the evaluated experiment and the key of every node, so
// that it can be said later what was run, whatever has become of the program.
#pragma once

#include "runtime/base/json.h"

#include "compiler/driver/arguments.h"
#include "compiler/plan/options.h"
#include "runtime/base/result.h"

namespace rexp::driver {

Status keep_record(const RunArguments& arguments, int64_t run, const plan::CompileResult& compiled);

/// What `rexp runs` shows: hit@10 and ndcg@10 of the first system under each treatment of seen items.
nlohmann::json headline(const nlohmann::json& rows);

}  // namespace rexp::driver
