// One run as the node entry points see it: the store, the device, what has been loaded, what went wrong.
//
//   int32_t rexp_rt_rows(RexpRun* run, const RexpNode* node) {
//     return rexp::nodes::run_node(run, node, [](NodeContext& c) -> Status {
//       auto dataset = c.dataset(0); ...
//       return data::save(rows, c.out("rows.bin"));
//     });
//   }
//
// run_node finds cached artifacts and reads them once for damage, takes the key's lock, makes the temporary folder, catches what libraries
// throw, commits.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/abi/library.h"
#include "runtime/base/json.h"
#include "runtime/base/result.h"
#include "runtime/codebook/codebook.h"
#include "runtime/data/dataset.h"
#include "runtime/group/process_group.h"
#include "runtime/store/store.h"
#include "runtime/text/tokenizer.h"

struct RexpRun {
  std::optional<rexp::store::Store> store;
  std::unique_ptr<rexp::group::ProcessGroup> group;  // that run the plan together; null: alone
  nlohmann::json options;
  std::string error;  // JSON, as library.h says
  nlohmann::json outcomes = nlohmann::json::array();
  std::string outcomes_text;
  std::map<std::string, std::string> made;  // in what artifacts are made, for their meta.json
  std::map<std::string, std::shared_ptr<const rexp::data::Dataset>> datasets;      // by key
  std::map<std::string, std::shared_ptr<const rexp::text::Tokenizer>> tokenizers;  // by path

  /// At least so many between two checkpoints of what is trained.
  double checkpoint_seconds() const { return options.value("checkpoint_seconds", 30.0); }
};

namespace rexp::nodes {

std::atomic<bool>& interrupted();

/// Stores the error as JSON and returns the status that stands for it.
int32_t fail(RexpRun* run, const Error& error, const char* node_name);

class NodeContext {
 public:
  /// `folder`: where the node writes, or has written.
  static Result<NodeContext> open(RexpRun* run, const RexpNode* node, std::string folder);

  RexpRun& run() { return *run_; }
  const RexpNode& node() const { return *node_; }
  const nlohmann::json& args() const { return args_; }
  const nlohmann::json& site() const { return site_; }
  /// A path in the artifact being written.
  std::string out(std::string_view file) const;
  /// A path in an input's artifact.
  std::string in(int64_t input, std::string_view file) const;
  /// The n-th input of one of these kinds, -1 where there is none.
  int64_t find(std::initializer_list<std::string_view> kinds, int64_t n = 0) const;
  std::vector<int64_t> all(std::string_view kind) const;
  /// The n-th kernel of a role, null where there is none; the kernel that a field names, {"kernel": 0}.
  const RexpKernel* kernel(std::string_view role, int64_t n = 0) const;
  Result<const RexpKernel*> kernel_at(int64_t index) const;
  /// The processes that run this node's body together; null: one.
  group::ProcessGroup* group() { return run_->group.get(); }
  /// Whether this process writes the artifact: process 0 does.
  bool leads() const { return run_->group == nullptr || run_->group->leads(); }
  /// Folder for checkpoints, kept until the artifact is committed.
  Result<std::string> work_folder();
  Result<std::shared_ptr<const data::Dataset>> dataset(int64_t input);
  /// The dataset that this very node has made.
  Result<std::shared_ptr<const data::Dataset>> finished_dataset();
  Result<data::Rows> rows(int64_t input);
  Result<data::Table> table(int64_t input);
  Result<codebook::Codebook> codebook(int64_t input);
  /// The tokenizer of a model artifact: "qwen" is the run's ranks, "folder" the artifact's own tokenizer.json.
  Result<std::shared_ptr<const text::Tokenizer>> tokenizer(const std::string& kind,
                                                           const std::string& folder);
  /// Something the report should tell.
  void note(std::string text);
  const std::vector<std::string>& notes() const { return notes_; }
  /// Something of this very run, such as its speed: it stands in meta.json and is no part of the result.
  void measured(const std::string& what, std::string value) { made_[what] = std::move(value); }
  const std::map<std::string, std::string>& made() const { return made_; }

 private:
  NodeContext(RexpRun* run, const RexpNode* node, std::string folder)
      : run_(run), node_(node), folder_(std::move(folder)), made_(run->made) {}
  Status check_input(int64_t input) const;
  Result<std::shared_ptr<const data::Dataset>> dataset_of(const std::string& key);

  RexpRun* run_;
  const RexpNode* node_;
  std::string folder_;
  nlohmann::json args_, site_;
  std::vector<std::string> notes_;
  std::map<std::string, std::string> made_;
};

/// Of several processes: who runs a node's body.
enum class Doers { owner, everyone };

/// Does a node once: returns when its artifact exists and is whole, else runs `body` and commits what it wrote. A damaged artifact is
/// told on standard error, moved to the quarantine and made again; as every node of a plan passes here, no node reads a damaged input.
/// Of several processes the first looks into the store, locks and commits; the others wait for the artifact, or run the body with it
/// and write nothing.
int32_t run_node(RexpRun* run, const RexpNode* node, int version,
                 const std::function<Status(NodeContext&)>& body,
                 Doers doers = Doers::owner) noexcept;

/// Looks at the finished artifact of a node, on every run: `body` may refuse it.
int32_t look_at_node(RexpRun* run, const RexpNode* node,
                     const std::function<Status(NodeContext&)>& body) noexcept;

Status write_json(const std::string& path, const nlohmann::json& value);
Result<nlohmann::json> read_json(const std::string& path);

}  // namespace rexp::nodes
