// An experiment that has a node of every kind and runs in about two seconds, and the bytes that it leaves.
//
//   const EveryNode every(place);                            // every_node.rexp and its data
//   place.rexp(every.run("store"));
//   every.bytes("store")["rows films.test/rows.bin"]        // contents by kind, name and file of the artifact
#pragma once

#include <map>
#include <string>
#include <vector>

#include "tests/cli/program.h"

namespace rexp::cli {

/// A file of an artifact.
struct StoredFile {
  std::string kind, name;  // of the node
  std::string file;        // within the artifact
  std::string path;
  std::string key;
};

class EveryNode {
 public:
  explicit EveryNode(const Workplace& place);
  /// `rexp run` on this store, one thread, a checkpoint as often as may be.
  std::vector<std::string> run(const std::string& store) const;
  /// What lies in the artifacts of the store, in the order of kind, name and file. With `meta`, their meta.json too.
  std::vector<StoredFile> files(const std::string& store, bool meta) const;
  /// Contents of all files but meta.json, which alone may hold clocks, by "<key>/<file>".
  std::map<std::string, std::string> bytes(const std::string& store) const;

 private:
  const Workplace& place_;
};

std::string contents(const std::string& path);

/// "" when both hold the same files with the same bytes; else the first that differs.
std::string difference(const std::map<std::string, std::string>& expected,
                       const std::map<std::string, std::string>& seen);

}  // namespace rexp::cli
