#include "compiler/plan/build.h"

#include <algorithm>
#include <boost/graph/topological_sort.hpp>
#include <map>
#include <set>

#include "compiler/plan/locate.h"
#include "compiler/row/verify.h"
#include "runtime/base/assert.h"
#include "runtime/store/digest.h"

namespace rexp::plan {

namespace {

int64_t version_of(const std::string& kind) {
#define REXP_NODE(name, version) \
  if (kind == #name) return version;
#include "runtime/abi/nodes.def"
#undef REXP_NODE
  REXP_ASSERT(false, "a plan node has a kind that nodes.def does not list");
  return 0;
}

std::vector<bool> needed(const elaborate::Graph& graph,
                         const std::vector<elaborate::NodeId>& roots) {
  std::vector<bool> mark(graph.nodes.size(), false);
  for (elaborate::NodeId root : roots) mark[static_cast<size_t>(root)] = true;
  for (size_t i = graph.nodes.size(); i-- > 0;) {  // users come after their inputs
    if (!mark[i]) continue;
    for (elaborate::NodeId input : graph.nodes[i].inputs) mark[static_cast<size_t>(input)] = true;
  }
  return mark;
}

/// "a", then "a#2", … for other nodes that would be called the same.
std::string unique_name(const std::string& name, std::map<std::string, int>* taken) {
  const int count = ++(*taken)[name];
  return count == 1 ? name : name + "#" + std::to_string(count);
}

/// Nodes are made after their inputs, so their order is topological already, and it is the order in which the program tells
/// its story; a cycle would be our own fault.
void assert_acyclic(const Plan& plan) {
  std::vector<Graph::vertex_descriptor> order;
  try {
    boost::topological_sort(plan.graph, std::back_inserter(order));
  } catch (const boost::not_a_dag&) {
    REXP_ASSERT(false, "the plan has a cycle");
  }
}

}  // namespace

row::RowFunction link(row::RowFunction function, const elaborate::Elaborator& elaborator,
                      const std::vector<elaborate::NodeId>& inputs) {
  auto position = [&](elaborate::NodeId node) {
    const auto at = std::find(inputs.begin(), inputs.end(), node);
    REXP_ASSERT(at != inputs.end(), "a row function reads something that is no input of its node");
    return static_cast<int32_t>(at - inputs.begin());
  };
  for (row::ColumnRef& column : function.columns) {
    column.input = position(elaborator.datasets()[static_cast<size_t>(column.input)].load);
  }
  for (int32_t& codebook : function.codebooks) {
    codebook = position(elaborator.codebooks()[static_cast<size_t>(codebook)].node);
  }
  const std::string problem = row::verify(function);
  REXP_ASSERT(problem.empty(), problem.c_str());
  return function;
}

std::string node_key(const Node& node, const std::vector<std::string>& input_keys) {
  store::Digester digest;
  digest.add_text(node.kind);
  digest.add_int(version_of(node.kind));
  digest.add_text(node.args.dump());
  digest.add_int(static_cast<int64_t>(node.kernels.size()));
  for (const Kernel& kernel : node.kernels) {
    digest.add_text(kernel.role);
    digest.add_text(kernel.role == "mixture" ? kernel.mixture.dump()
                                             : row::canonical(kernel.function));
  }
  for (const std::string& key : input_keys) digest.add_text(key);
  digest.add_int(static_cast<int64_t>(node.stream));
  return digest.hex();
}

std::optional<Built> build_plan(const elaborate::Graph& graph,
                                const elaborate::Elaborator& elaborator,
                                const std::vector<elaborate::NodeId>& roots,
                                const SourceCatalog& catalog, const source::SourceMap& sources,
                                diagnostics::Sink& sink) {
  const std::vector<bool> wanted = needed(graph, roots);
  Built built;
  built.place.assign(graph.nodes.size(), -1);
  std::map<std::string, NodeId> by_key;
  std::map<std::string, int> names;
  bool fine = true;
  for (size_t i = 0; i < graph.nodes.size(); ++i) {
    if (!wanted[i]) continue;
    elaborate::Node from = graph.nodes[i];
    if (!locate(&from, catalog, sources, sink)) {
      fine = false;
    }
    Node node{from.name, from.kind, from.args, from.site, {}, {}, from.stream, {}, from.note};
    std::vector<std::string> input_keys;
    for (elaborate::NodeId input : from.inputs) {
      const NodeId at = built.place[static_cast<size_t>(input)];
      node.inputs.push_back(at);
      input_keys.push_back(built.plan.nodes[static_cast<size_t>(at)].key);
    }
    for (const elaborate::Kernel& kernel : from.kernels) {
      Kernel out{kernel.role, kernel.name, {}, kernel.mixture};
      if (kernel.role != "mixture") out.function = link(kernel.function, elaborator, from.inputs);
      node.kernels.push_back(std::move(out));
    }
    node.key = node_key(node, input_keys);
    auto [at, fresh] = by_key.try_emplace(node.key, static_cast<NodeId>(built.plan.nodes.size()));
    built.place[i] = at->second;
    if (!fresh) continue;
    node.name = unique_name(node.name, &names);
    boost::add_vertex(built.plan.graph);
    for (NodeId input : std::set<NodeId>(node.inputs.begin(), node.inputs.end())) {
      boost::add_edge(static_cast<size_t>(input), built.plan.nodes.size(), built.plan.graph);
    }
    built.plan.nodes.push_back(std::move(node));
  }
  if (!fine) return std::nullopt;
  assert_acyclic(built.plan);
  return built;
}

}  // namespace rexp::plan
