// Nodes as lowering makes them: what to run and on what, before files are found and keys are computed.
//
//   base |> learn      one `train` node with the model, the codebooks, the rows and the datasets as inputs
//
// Inputs are made before their users, so the order of creation is topological. build.cpp turns drafts into a Plan.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "compiler/plan/plan.h"
#include "compiler/source/source_map.h"
#include "runtime/base/json.h"

namespace rexp::plan {

using DraftId = int32_t;

/// Where a node's files come from; looked up when the plan is built, so that `check` needs no data.
struct Location {
  enum class Kind : uint8_t {
    none,
    catalogue,  // a data source by its name
    files,      // paths by role
    file,       // one path
    model_folder,
    model_name,
    tokenizer
  } kind = Kind::none;
  std::string name;                          // of the source, the model, the tokenizer
  std::string path;                          // file, model_folder; as written
  std::map<std::string, std::string> files;  // by role, as written
  std::string hint;                          // what to run when something is missing
  std::string component;  // the argument whose `files` or `path` receives the hashes: "source",
                          // "learn"; empty: the arguments themselves
  source::Span span;      // the user's line; paths are relative to its file
};

struct Draft {
  std::string name;
  std::string kind;
  nlohmann::json args = nlohmann::json::object();
  nlohmann::json site = nlohmann::json::object();
  std::vector<DraftId> inputs;
  std::vector<Kernel> kernels;  // their columns and codebooks count in `inputs`
  uint64_t stream = 0;
  Location location;
  std::string note;

  /// The position of an input, which is added when it is new.
  int64_t input(DraftId id);
};

}  // namespace rexp::plan
