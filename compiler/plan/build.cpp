#include "compiler/plan/build.h"

#include <algorithm>
#include <boost/graph/adjacency_list.hpp>
#include <boost/graph/topological_sort.hpp>
#include <map>
#include <set>

#include "compiler/plan/key.h"
#include "compiler/plan/locate.h"
#include "runtime/base/assert.h"

namespace rexp::plan {

namespace {

std::vector<bool> needed(const std::vector<Draft>& drafts, const std::vector<DraftId>& roots) {
  std::vector<bool> mark(drafts.size(), false);
  for (const DraftId root : roots) mark[static_cast<size_t>(root)] = true;
  for (size_t i = drafts.size(); i-- > 0;) {  // users come after their inputs
    if (!mark[i]) continue;
    for (const DraftId input : drafts[i].inputs) mark[static_cast<size_t>(input)] = true;
  }
  return mark;
}

/// Drafts are made after their inputs, so their order is topological already, and it is the order in which the program tells
/// its story; a cycle would be our own fault.
void assert_acyclic(const Plan& plan) {
  boost::adjacency_list<boost::vecS, boost::vecS, boost::directedS> graph(plan.nodes.size());
  for (size_t user = 0; user < plan.nodes.size(); ++user) {
    for (const NodeId input : plan.nodes[user].inputs)
      boost::add_edge(static_cast<size_t>(input), user, graph);
  }
  std::vector<size_t> order;
  try {
    boost::topological_sort(graph, std::back_inserter(order));
  } catch (const boost::not_a_dag&) {
    REXP_ASSERT(false, "the plan has a cycle");
  }
}

}  // namespace

std::optional<Built> build_plan(const std::vector<Draft>& drafts, const std::vector<DraftId>& roots,
                                const SourceCatalog& catalog, const source::SourceMap& sources,
                                diagnostics::Sink& sink) {
  const std::vector<bool> wanted = needed(drafts, roots);
  Built built;
  built.place.assign(drafts.size(), -1);
  std::map<std::string, NodeId> by_key;
  bool fine = true;
  for (size_t i = 0; i < drafts.size(); ++i) {
    if (!wanted[i]) continue;
    Draft draft = drafts[i];
    fine = locate(&draft, catalog, sources, sink) && fine;
    Node node{draft.name,   draft.kind, draft.args, draft.site, {}, std::move(draft.kernels),
              draft.stream, {},         draft.note};
    std::vector<std::string> input_keys;
    for (const DraftId input : draft.inputs) {
      const NodeId at = built.place[static_cast<size_t>(input)];
      node.inputs.push_back(at);
      input_keys.push_back(built.plan.nodes[static_cast<size_t>(at)].key);
    }
    node.key = node_key(node, input_keys);
    const auto [at, fresh] =
        by_key.try_emplace(node.key, static_cast<NodeId>(built.plan.nodes.size()));
    built.place[i] = at->second;
    if (fresh) built.plan.nodes.push_back(std::move(node));
  }
  if (!fine) return std::nullopt;
  assert_acyclic(built.plan);
  return built;
}

}  // namespace rexp::plan
