// Where this machine keeps things: named data sources, model folders, tokenizers. It says where something runs and never what
// it computes: paths go to a node's `site`, contents (hashes) into its arguments.
//
//   [data]                                   # site.toml, looked up from the program's folder upward
//   movies = "data/movies"                   # a folder or a prefix; reached as `site.data.movies`
//   [models]
//   qwen3_0_6b = "models/Qwen3-0.6B"
#pragma once

#include <map>
#include <string>
#include <vector>

#include "runtime/base/result.h"

namespace rexp::plan {

struct SourceFiles {
  std::map<std::string, std::string>
      files;         // by role: "inter", "item", "user", "sequences", "events", "items"
  std::string hint;  // what to run when one is missing
};

class SourceCatalog {
 public:
  /// The data sets that set-up fetches, under `cache`/data/<name>, and the tokenizer ranks.
  static SourceCatalog standard(const std::string& cache);
  /// Adds the entries of the nearest site.toml above `file`, when there is one. An error names the line.
  Status add_site(const std::string& file);

  void add_source(const std::string& name, SourceFiles files) { sources_[name] = std::move(files); }
  void add_model(const std::string& name, const std::string& folder) { models_[name] = folder; }
  void set_tokenizer(const std::string& name, const std::string& path) { tokenizers_[name] = path; }

  const SourceFiles* source(const std::string& name) const;
  const std::string* model(const std::string& name) const;
  const std::string* tokenizer(const std::string& name) const;
  std::vector<std::string> source_names() const;

 private:
  std::map<std::string, SourceFiles> sources_;
  std::map<std::string, std::string> models_, tokenizers_;
};

/// The files of a data set by their prefix or folder: `x/ml-100k` finds x/ml-100k.inter and x/ml-100k/ml-100k.inter.
SourceFiles files_of_prefix(const std::string& path);

}  // namespace rexp::plan
