// What nobody refers to any more, and how it goes.
//
//   Result<Garbage> garbage = find_garbage(store, {"4f0c…", ..});     // keys that stay
//   for (const Leftover& leftover : garbage->leftovers) Result<bool> gone = remove(store, leftover);
//
// Whoever collects holds the lock `kRunsLock`: a run records its keys under it before it looks for artifacts, so none goes that a run has
// begun to use.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "runtime/base/result.h"
#include "runtime/store/store.h"

namespace rexp::store {

inline constexpr char kRunsLock[] = "runs";

struct Leftover {
  enum class What { artifact, checkpoints, quarantined } what = What::artifact;
  std::string key;
  std::string kind, name;  // of the node, where its meta.json says so
  std::string folder;
  int64_t bytes = 0;
};

struct Garbage {
  std::vector<Leftover> leftovers;  // in the order of keys
  int64_t kept = 0;                 // artifacts
};

/// Artifacts and checkpoints whose keys are not among `keep`, and all that is in quarantine.
Result<Garbage> find_garbage(const Store& store, const std::set<std::string>& keep);

/// False where another process is doing the node: then it stays.
Result<bool> remove(const Store& store, const Leftover& leftover);

}  // namespace rexp::store
