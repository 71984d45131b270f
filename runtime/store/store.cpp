#include "runtime/store/store.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <filesystem>
#include <thread>
#include <utility>

#include "runtime/base/assert.h"
#include "runtime/base/json.h"
#include "runtime/store/digest.h"
#include "runtime/store/file.h"
#include "runtime/store/sealed.h"

namespace rexp::store {
namespace {

namespace fs = std::filesystem;

constexpr char kAliveSuffix[] = ".alive", kMetaFile[] = "meta.json";

std::string join(const std::string& root, std::string_view area, std::string_view name) {
  return root + "/" + std::string(area) + "/" + std::string(name);
}

/// Opens and locks `path`; -1 with EWOULDBLOCK where another process holds it.
int open_locked(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (fd < 0) return -1;
  if (::flock(fd, LOCK_EX | LOCK_NB) == 0) return fd;
  const int error_number = errno;
  ::close(fd);
  errno = error_number;
  return -1;
}

/// True when `fd` is still the file that `path` names: a sweeper may have removed it between open
/// and flock.
bool names_descriptor(const std::string& path, int fd) {
  struct stat by_name{}, by_fd{};
  return ::stat(path.c_str(), &by_name) == 0 && ::fstat(fd, &by_fd) == 0 &&
         by_name.st_ino == by_fd.st_ino && by_name.st_dev == by_fd.st_dev;
}

/// Removes the pending folders whose writer is dead: its flock on the `.alive` file went with it.
void sweep(const std::string& pending) {
  std::error_code error;
  std::vector<std::string> marks;
  for (const fs::directory_entry& entry : fs::directory_iterator(pending, error)) {
    if (entry.path().extension() == kAliveSuffix) marks.push_back(entry.path().string());
  }
  for (const std::string& mark : marks) {
    const int fd = open_locked(mark);
    if (fd < 0) continue;
    KeyLock lock(fd);
    fs::remove_all(mark.substr(0, mark.size() - sizeof kAliveSuffix + 1), error);
    fs::remove(mark, error);
  }
}

nlohmann::json to_json(const Meta& meta, const std::map<std::string, std::string>& files) {
  return {{"kind", meta.kind}, {"name", meta.name},       {"version", meta.version},
          {"files", files},    {"seconds", meta.seconds}, {"notes", meta.notes},
          {"made", meta.made}};
}

Result<std::map<std::string, std::string>> digests_below(const std::string& folder) {
  const Result<std::vector<std::string>> names = files_below(folder);
  if (!names.ok()) return names.error();
  std::map<std::string, std::string> files;
  for (const std::string& name : *names) {
    if (name == kMetaFile) continue;
    const Result<std::string> digest = digest_file(folder + "/" + name);
    if (!digest.ok()) return digest.error();
    files[name] = *digest;
  }
  return files;
}

/// nullopt: these are not the fields of this version.
std::optional<StoredMeta> from_json(const nlohmann::json& json) {
  try {
    StoredMeta meta;
    json.at("kind").get_to(meta.kind);
    json.at("name").get_to(meta.name);
    json.at("version").get_to(meta.version);
    json.at("seconds").get_to(meta.seconds);
    json.at("notes").get_to(meta.notes);
    json.at("made").get_to(meta.made);
    json.at("files").get_to(meta.files);
    return meta;
  } catch (const nlohmann::json::exception&) {
    return std::nullopt;
  }
}

/// Removes leftovers of nodes that are finished: a process may die between the rename and the removal.
void sweep_work(const std::string& root) {
  std::error_code error;
  std::vector<std::string> finished;
  for (const fs::directory_entry& entry : fs::directory_iterator(root + "/work", error)) {
    const std::string key = entry.path().filename().string();
    if (has_artifact(root, key)) finished.push_back(key);
  }
  for (const std::string& key : finished) {
    const int fd = open_locked(join(root, "locks", key));
    if (fd < 0) continue;
    const KeyLock lock(fd);
    if (has_artifact(root, key)) fs::remove_all(join(root, "work", key), error);
  }
}

}  // namespace

KeyLock& KeyLock::operator=(KeyLock&& other) noexcept {
  std::swap(fd_, other.fd_);
  return *this;
}
KeyLock::~KeyLock() {
  if (fd_ >= 0) ::close(fd_);
}

Pending::Pending(std::string root, std::string key, std::string folder, KeyLock alive)
    : root_(std::move(root)),
      key_(std::move(key)),
      folder_(std::move(folder)),
      alive_(std::move(alive)) {}

Pending::Pending(Pending&& other) noexcept
    : root_(std::move(other.root_)),
      key_(std::move(other.key_)),
      folder_(std::exchange(other.folder_, {})),
      alive_(std::move(other.alive_)) {}

Pending::~Pending() { discard(); }

void Pending::discard() {
  if (folder_.empty()) return;
  std::error_code error;
  fs::remove_all(folder_, error);
  // where that was refused, the mark tells the next `open` to sweep
  if (!error) fs::remove(folder_ + kAliveSuffix, error);
  folder_.clear();
}

Status Pending::commit(const Meta& meta) {
  REXP_ASSERT(!folder_.empty(), "an artifact is committed once");
  const Result<std::map<std::string, std::string>> files = digests_below(folder_);
  if (!files.ok()) return files.error();
  REXP_TRY(write_file(folder_ + "/" + kMetaFile, seal(to_json(meta, *files))));
  REXP_TRY(sync_tree(folder_));
  const std::string target = join(root_, "artifacts", key_);
  if (::rename(folder_.c_str(), target.c_str()) != 0 && errno != EEXIST && errno != ENOTEMPTY) {
    return system_error("write", target, errno);
  }
  REXP_TRY(sync_path(root_ + "/artifacts"));
  std::error_code error;
  fs::remove_all(join(root_, "work", key_), error);
  discard();
  return {};
}

Result<Store> Store::open(const std::string& root) {
  std::error_code error;
  const std::string absolute = fs::absolute(root, error).lexically_normal().string();
  for (const char* area : {"artifacts", "work", "pending", "locks"})
    REXP_TRY(make_folder(absolute + "/" + area));
  if (::access((absolute + "/pending").c_str(), W_OK) != 0)
    return system_error("write", absolute, errno);
  sweep(absolute + "/pending");
  sweep_work(absolute);
  return Store(absolute);
}

Result<Store> Store::existing(const std::string& root) {
  std::error_code error;
  const std::string absolute = fs::absolute(root, error).lexically_normal().string();
  if (!fs::is_directory(absolute + "/artifacts", error))
    return user_error("there is no store in " + absolute,
                      "`rexp run` makes one; name another with `--store`");
  return Store(absolute);
}

std::string artifact_folder(const std::string& root, std::string_view key) {
  return join(root, "artifacts", key);
}

bool has_artifact(const std::string& root, std::string_view key) {
  std::error_code error;
  return fs::is_directory(artifact_folder(root, key), error);
}

bool Store::has(std::string_view key) const { return has_artifact(root_, key); }

std::string Store::path(std::string_view key) const { return artifact_folder(root_, key); }

Result<StoredMeta> Store::meta(std::string_view key) const {
  const std::string file = path(key) + "/" + kMetaFile;
  const Result<std::string> text = read_file(file);
  if (!text.ok()) return text.error();
  const Result<nlohmann::json> json = unseal(*text);
  const std::string help = "run again: a damaged artifact is made anew";
  if (!json.ok()) return file_error(file, 0, json.error().message, help);
  std::optional<StoredMeta> meta = from_json(*json);
  if (!meta) return file_error(file, 0, "its fields are not those of this version", help);
  return *meta;
}

Result<std::optional<std::string>> Store::damage(std::string_view key) const {
  using Damage = std::optional<std::string>;
  const std::string folder = path(key);
  const Result<std::vector<std::string>> names = files_below(folder);
  if (!names.ok()) return names.error();
  const auto there = [&](const std::string& name) {
    return std::binary_search(names->begin(), names->end(), name);
  };
  if (!there(kMetaFile)) return Damage("meta.json is missing");
  // read once more than `meta` would: a refusal of the operating system is no damage
  const auto sealed = digest_where_sound(folder + "/" + kMetaFile);
  if (!sealed.ok()) return sealed.error();
  const Result<StoredMeta> said = meta(key);
  if (!said.ok()) return Damage("meta.json is damaged: " + said.error().message);
  for (const std::string& name : *names) {
    if (name != kMetaFile && !said->files.contains(name))
      return Damage(name + " does not belong there");
  }
  for (const auto& [name, digest] : said->files) {
    if (!there(name)) return Damage(name + " is missing");
    const auto now = digest_where_sound(folder + "/" + name);
    if (!now.ok()) return now.error();
    if (*now != digest) return Damage(name + " is damaged: its checksum does not match");
  }
  return Damage();
}

Result<std::string> Store::quarantine(std::string_view key) const {
  REXP_TRY(make_folder(root_ + "/quarantine"));
  for (int n = 1;; ++n) {
    const std::string target = join(root_, "quarantine", key) + "-" + std::to_string(n);
    if (fs::exists(fs::symlink_status(target))) continue;
    if (::rename(path(key).c_str(), target.c_str()) == 0) return target;
    if (errno != EEXIST && errno != ENOTEMPTY) return system_error("write", target, errno);
  }
}

Result<KeyLock> Store::lock(std::string_view key, const Waiting& waiting) const {
  const std::string file = join(root_, "locks", key);
  bool noticed = false;
  while (true) {
    const int fd = open_locked(file);
    if (fd >= 0) return KeyLock(fd);
    if (errno != EWOULDBLOCK && errno != EINTR) return system_error("lock", file, errno);
    if (!noticed && waiting.notice) waiting.notice();
    noticed = true;
    if (waiting.interrupted && waiting.interrupted()) {
      return Error{
          ErrorKind::interrupted, "interrupted while another run does the same node", {}, {}, 0};
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
  }
}

bool Store::is_locked(std::string_view key) const {
  const int fd = open_locked(join(root_, "locks", key));
  if (fd < 0) return errno == EWOULDBLOCK;
  const KeyLock released(fd);
  return false;
}

Result<Pending> Store::begin(std::string_view key) const {
  static std::atomic<int> count{0};
  while (true) {
    const std::string folder = join(root_, "pending", key) + "." + std::to_string(::getpid()) +
                               "." + std::to_string(count.fetch_add(1));
    const std::string mark = folder + kAliveSuffix;
    const int fd = open_locked(mark);
    if (fd < 0 && errno != EWOULDBLOCK) return system_error("write", mark, errno);
    if (fd < 0) continue;  // a process of another machine on this file system has our number
    KeyLock alive(fd);
    if (!names_descriptor(mark, fd)) continue;
    std::error_code error;
    fs::remove_all(folder, error);
    REXP_TRY(make_folder(folder));
    return Pending(root_, std::string(key), folder, std::move(alive));
  }
}

Result<std::string> Store::work(std::string_view key) const {
  std::string folder = join(root_, "work", key);
  REXP_TRY(make_folder(folder));
  return folder;
}

std::vector<std::string> Store::keys() const {
  std::vector<std::string> keys;
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(root_ + "/artifacts", error)) {
    keys.push_back(entry.path().filename().string());
  }
  std::sort(keys.begin(), keys.end());
  return keys;
}

}  // namespace rexp::store
