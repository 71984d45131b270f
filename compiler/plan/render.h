// One template as a task or a protocol applies it: what `rexp render` runs.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "compiler/diagnostics/diagnostics.h"
#include "compiler/plan/options.h"
#include "compiler/source/source_map.h"
#include "runtime/base/json.h"
#include "runtime/text/model_facts.h"

namespace rexp::plan {

/// In which role a template is rendered: as a stage trains on it, or as a protocol asks with it.
enum class As : uint8_t { any, train, ask };
struct Role {
  As as = As::any;
  std::string in =
      {};  // the task or the protocol that is meant; empty: the first that uses the template
};

/// Who reads the rendered text: the model of an experiment, and where in its life it meets the row.
struct Reader {
  As as = As::any;                // any: no experiment uses the template
  std::string name;               // "stage `tune` of experiment `quickstart`"
  nlohmann::json model, site;     // arguments and places of the base model's node; null without one
  std::vector<NodeId> codebooks;  // whose tokens it owns, in the order in which they were added
  uint64_t stream = 0;            // of the stage, or of the evaluation
  bool held_out = false;          // a wording that is never trained on
  /// train: what decides at which position of the stage's stream a row stands.
  nlohmann::json mixture;         // {"unit", "weights"}
  std::vector<NodeId> task_rows;  // the rows of each task
  int64_t task = 0;
  text::Window
      window;  // of the stage, or of the last one that trained the model that is asked; 0 tokens: of none
  NodeId answered = -1;  // ask: the codebook that answers are made of
};

/// What `rexp render` runs: the nodes that make one template's rows, and its renderer.
struct RenderTarget {
  Plan plan;  // load, rows, vectors and codebook nodes; no report
  std::string task;
  std::string applied;  // the template, or all from which each row chooses: "short or long"
  NodeId rows = -1;     // in plan.nodes
  std::vector<NodeId>
      inputs;  // `input` of the renderer's columns and its `codebooks` count in this list; -1: none of these nodes
  row::RowFunction function;  // not woven into a chat format yet
  Reader reader;
};

/// The renderer of a template as a task or a protocol applies it, narrowed to one variant (empty: as trained or asked). nullopt
/// after a diagnostic.
std::optional<RenderTarget> render_target(source::SourceMap& sources, const std::string& file,
                                          const std::string& template_name,
                                          const std::string& variant, const CompileOptions& options,
                                          diagnostics::Sink& sink, const Role& role = {});

/// The wordings of a template, by name; none of its own when it has no `one of`.
std::vector<std::string> template_variants(source::SourceMap& sources, const std::string& file,
                                           const std::string& template_name,
                                           const CompileOptions& options, diagnostics::Sink& sink);

}  // namespace rexp::plan
