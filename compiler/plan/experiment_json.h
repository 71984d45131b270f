// Values as JSON: what `rexp eval --format json` prints and a run record keeps.
//
//   stage learn { … }        {"is": "Stage", "name": "learn", "length": "3 epochs", "optimizer": {"is": "AdamW", "lr": 0.001, …}}
//   base |> learn            {"is": "Stage", "stage": {…}, "model": {…}}
#pragma once

#include "runtime/base/json.h"

#include "compiler/eval/eval.h"

namespace rexp::plan {

nlohmann::ordered_json value_json(eval::Evaluator& e, const eval::Value& value);
/// {"experiment", "seed", "parameters", "outputs"}
nlohmann::ordered_json experiment_json(eval::Evaluator& e, const eval::ExperimentValue& experiment);

}  // namespace rexp::plan
