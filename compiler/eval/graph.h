// Nodes as the evaluator makes them: what to run and on what, before files are found and keys are computed.
//
//   base |> learn      one `train` node with the model, the codebooks, the rows and the datasets as inputs
//
// Inputs are made before their users, so the order of creation is topological. `plan` turns this graph into a Plan.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "compiler/row/row_tree.h"
#include "compiler/source/source_map.h"

namespace rexp::elaborate {

using NodeId = int32_t;

struct Kernel {
  std::string role;
  std::string name;
  row::RowFunction
      function;  // `input` of its columns and `codebooks` are NodeIds until the graph becomes a plan
  nlohmann::json mixture;
};

/// Where a node's files come from; resolved when the plan is made, so that `check` needs no data.
struct Location {
  enum class Kind : uint8_t {
    none,
    catalogue,
    prefix,
    files,
    model_folder,
    model_name,
    random_model
  } kind = Kind::none;
  std::string name;  // catalogue: the source's name; model_name: the model's
  std::string path;  // prefix, model_folder: as written, made absolute
  std::map<std::string, std::string> files;  // files: by role
  std::string format;                        // "recbole", "sequences", "jsonl"
  std::string hint;                          // what to run when the files are missing
  source::Span span;                         // the user's line
};

struct Node {
  std::string name;
  std::string kind;
  nlohmann::json args = nlohmann::json::object();
  nlohmann::json site = nlohmann::json::object();
  std::vector<NodeId> inputs;
  std::vector<Kernel> kernels;
  uint64_t stream = 0;
  Location location;
  std::string note;
};

struct Graph {
  std::vector<Node> nodes;
  NodeId add(Node node) {
    nodes.push_back(std::move(node));
    return static_cast<NodeId>(nodes.size() - 1);
  }
};

}  // namespace rexp::elaborate
