// Where artifacts live: one folder per node key, written whole or not at all.
//
//   auto lock = store.lock(key);                 // another run that does the same node is waited
//   for if (!store.has(key)) {
//     auto pending = store.begin(key);           // a temporary folder on the same file system
//     ... write files below pending->path() ...
//     REXP_TRY(pending->commit(meta));           // fsync, rename: from here on every process sees
//     it
//   }
//
//   <root>/artifacts/<key>/   finished artifacts, each with a meta.json
//   <root>/work/<key>/        checkpoints of a node that is not finished
//   <root>/pending/           folders being written; those of dead processes are swept by `open`
//   <root>/locks/<key>        flock, held while a process does the node
//   <root>/quarantine/        <key>-<n>: artifacts that were found damaged
//   <root>/runs.db            the registry of runs (runs.h)
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/result.h"

namespace rexp::store {

/// What `meta.json` says of an artifact, besides the digests of its files, which commit computes. What differs between two runs that make
/// the same bytes stands here and in no other file: clocks, machines.
struct Meta {
  std::string kind;
  std::string name;
  int version = 0;
  double seconds = 0;  // wall time of the node
  std::vector<std::string> notes;
  std::map<std::string, std::string> made;  // in what: "device", "threads", ..; how fast
};

/// `meta.json` as read back.
struct StoredMeta : Meta {
  std::map<std::string, std::string> files;  // relative name: xxh128; all but meta.json
};

/// An exclusive flock, let go by the destructor or by the death of the process.
class KeyLock {
 public:
  KeyLock() = default;
  explicit KeyLock(int fd) : fd_(fd) {}
  KeyLock(KeyLock&& other) noexcept : fd_(other.fd_) { other.fd_ = -1; }
  KeyLock& operator=(KeyLock&& other) noexcept;
  ~KeyLock();

 private:
  int fd_ = -1;
};

/// A folder that becomes an artifact. Destroyed without commit, it leaves nothing behind.
class Pending {
 public:
  Pending(std::string root, std::string key, std::string folder, KeyLock alive);
  Pending(Pending&& other) noexcept;
  Pending& operator=(Pending&&) = delete;
  ~Pending();
  const std::string& path() const { return folder_; }
  /// Writes meta.json, flushes everything, renames. A key that another process committed meanwhile
  /// stays as it is: that is no error, equal keys mean equal artifacts. Removes the node's
  /// checkpoints.
  Status commit(const Meta& meta);

 private:
  void discard();
  std::string root_, key_, folder_;
  KeyLock alive_;
};

/// What to do while another process holds the lock.
struct Waiting {
  std::function<void()> notice;  // called once, when the wait begins
  std::function<bool()>
      interrupted;  // asked five times a second; true gives up with ErrorKind::interrupted
};

/// Where the finished artifact of `key` lies in the store at `root`, and whether it is there; for readers that create nothing.
std::string artifact_folder(const std::string& root, std::string_view key);
bool has_artifact(const std::string& root, std::string_view key);

class Store {
 public:
  /// Creates the folders and sweeps what dead processes left. Errors: a root that cannot be written
  /// (user error).
  static Result<Store> open(const std::string& root);

  /// For those who look at a store and make none. Error: there is none.
  static Result<Store> existing(const std::string& root);

  const std::string& root() const { return root_; }
  bool has(std::string_view key) const;
  std::string path(std::string_view key) const;
  Result<StoredMeta> meta(std::string_view key) const;
  /// What is wrong with a finished artifact: a file that is missing, damaged or of nobody. nullopt: every byte is as it was written.
  /// Reads all of it. Errors: the operating system's refusals, which say nothing of the artifact.
  Result<std::optional<std::string>> damage(std::string_view key) const;
  /// Moves an artifact out of the way; where it lies then. The caller holds its lock.
  Result<std::string> quarantine(std::string_view key) const;
  Result<KeyLock> lock(std::string_view key, const Waiting& waiting = {}) const;
  /// Whether some process holds the lock of `key` now.
  bool is_locked(std::string_view key) const;
  Result<Pending> begin(std::string_view key) const;
  /// The folder for checkpoints of an unfinished node; made if absent, kept until its artifact is
  /// committed.
  Result<std::string> work(std::string_view key) const;
  /// Keys of all finished artifacts, sorted.
  std::vector<std::string> keys() const;

 private:
  explicit Store(std::string root) : root_(std::move(root)) {}
  std::string root_;
};

}  // namespace rexp::store
