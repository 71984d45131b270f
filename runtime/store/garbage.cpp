#include "runtime/store/garbage.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <system_error>

#include "runtime/store/file.h"

namespace rexp::store {
namespace {

namespace fs = std::filesystem;

Result<std::vector<std::string>> names_in(const std::string& folder) {
  std::vector<std::string> names;
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error))
    names.push_back(it->path().filename().string());
  if (error && error != std::errc::no_such_file_or_directory)
    return system_error("read", folder, error.value());
  std::sort(names.begin(), names.end());
  return names;
}

/// Of files that go while they are counted, nothing.
int64_t bytes_below(const std::string& folder) {
  int64_t bytes = 0;
  std::error_code error;
  for (fs::recursive_directory_iterator it(folder, error), end; !error && it != end;
       it.increment(error)) {
    std::error_code of_this;
    const auto size = it->is_regular_file(of_this) ? it->file_size(of_this) : 0;
    if (!of_this) bytes += static_cast<int64_t>(size);
  }
  return bytes;
}

Leftover leftover(const Store& store, Leftover::What what, std::string key, std::string folder) {
  Leftover out{what, std::move(key), {}, {}, std::move(folder), 0};
  if (what == Leftover::What::artifact) {
    if (const auto meta = store.meta(out.key); meta.ok()) {
      out.kind = meta->kind;
      out.name = meta->name;
    }
  }
  out.bytes = bytes_below(out.folder);
  return out;
}

Status remove_tree(const std::string& folder) {
  std::error_code error;
  fs::remove_all(folder, error);
  if (error) return system_error("remove", folder, error.value());
  return {};
}

}  // namespace

Result<Garbage> find_garbage(const Store& store, const std::set<std::string>& keep) {
  Garbage garbage;
  const std::string& root = store.root();
  const auto artifacts = names_in(root + "/artifacts"), work = names_in(root + "/work"),
             quarantine = names_in(root + "/quarantine");
  for (const auto* names : {&artifacts, &work, &quarantine})
    if (!names->ok()) return names->error();
  for (const std::string& key : *artifacts) {
    if (keep.contains(key)) {
      ++garbage.kept;
    } else {
      garbage.leftovers.push_back(leftover(store, Leftover::What::artifact, key, store.path(key)));
    }
  }
  for (const std::string& key : *work) {
    if (!keep.contains(key))
      garbage.leftovers.push_back(
          leftover(store, Leftover::What::checkpoints, key, root + "/work/" + key));
  }
  for (const std::string& name : *quarantine) {
    garbage.leftovers.push_back(leftover(store, Leftover::What::quarantined,
                                         name.substr(0, name.rfind('-')),
                                         root + "/quarantine/" + name));
  }
  return garbage;
}

Result<bool> remove(const Store& store, const Leftover& leftover) {
  // the lock is asked for once: whoever holds it is doing the node
  const auto lock = store.lock(leftover.key, {{}, [] { return true; }});
  if (!lock.ok() && lock.error().kind == ErrorKind::interrupted) return false;
  if (!lock.ok()) return lock.error();
  if (leftover.what != Leftover::What::artifact) {
    REXP_TRY(remove_tree(leftover.folder));
    return true;
  }
  // out of sight at once, as a folder that is swept if this process dies: never half an artifact
  const auto pending = store.begin(leftover.key);
  if (!pending.ok()) return pending.error();
  if (std::rename(leftover.folder.c_str(), pending->path().c_str()) != 0)
    return system_error("remove", leftover.folder, errno);
  return true;
}

}  // namespace rexp::store
