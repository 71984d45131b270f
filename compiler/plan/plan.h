// The plan: a DAG of content-hashed nodes, the last thing the compiler makes before machine code.
//
//   load films ──> vectors ──> codebook sid ──> train warm_up ──> train pretrain ──> … ──> evaluate ──> report
//
// A node's key hashes its kind and implementation version, its evaluated arguments (canonical JSON), the canonical texts of its
// row functions, its input keys and its random stream. Comments, local names, formatting and the places of files do not count.
#pragma once

#include <string>
#include <vector>

#include "compiler/row/row_tree.h"
#include "runtime/base/json.h"

namespace rexp::plan {

using NodeId = int32_t;

/// A row function that a node carries, with the role that runtime/abi/README.md gives it.
struct Kernel {
  std::string role;  // "render", "prompt", "where", "text", "schedule", "mixture", "keep"
  std::string name;
  row::RowFunction function;  // unused when role == "mixture"
  nlohmann::json
      mixture;  // role == "mixture": {"unit": "copies"|"shares", "weights": [..]} in the order of the tasks
};

struct Node {
  std::string name;     // stable path, "quickstart/pretrain"
  std::string kind;     // of runtime/abi/nodes.def
  nlohmann::json args;  // hashed
  nlohmann::json site;  // not hashed: paths, device
  std::vector<NodeId> inputs;
  std::vector<Kernel> kernels;
  uint64_t stream = 0;  // random stream; hashed
  std::string key;      // 32 hex digits
  std::string note;     // what `explain` prints beside it: "3 epochs of 943 rows"
};

struct Plan {
  std::string experiment;
  std::vector<Node> nodes;  // in topological order; equal keys appear once
  NodeId report = -1;
};

}  // namespace rexp::plan
