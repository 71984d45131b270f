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
#include "runtime/base/json.h"

#include "runtime/base/assert.h"
#include "runtime/store/digest.h"
#include "runtime/store/file.h"

namespace rexp::store {
namespace {

namespace fs = std::filesystem;

constexpr char kAliveSuffix[] = ".alive";

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

nlohmann::json to_json(const Meta& meta, const std::string& digest) {
  return {{"kind", meta.kind}, {"name", meta.name},       {"version", meta.version},
          {"digest", digest},  {"seconds", meta.seconds}, {"notes", meta.notes}};
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
  fs::remove(folder_ + kAliveSuffix, error);
  folder_.clear();
}

Status Pending::commit(const Meta& meta) {
  REXP_ASSERT(!folder_.empty(), "an artifact is committed once");
  Result<std::string> digest = digest_folder(folder_, "meta.json");
  if (!digest.ok()) return digest.error();
  REXP_TRY(write_file(folder_ + "/meta.json", to_json(meta, *digest).dump(2) + "\n"));
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
  const std::string file = path(key) + "/meta.json";
  Result<std::string> text = read_file(file);
  if (!text.ok()) return text.error();
  const auto parsed = parse_json(*text, file);
  if (!parsed) return parsed.error();
  const nlohmann::json& json = *parsed;
  if (!json.is_object())
    return file_error(file, 0, "this is not JSON",
                      "remove the folder of this artifact and run again");
  StoredMeta meta;
  meta.kind = json.value("kind", "");
  meta.name = json.value("name", "");
  meta.version = json.value("version", 0);
  meta.seconds = json.value("seconds", 0.0);
  meta.notes = json.value("notes", std::vector<std::string>{});
  meta.digest = json.value("digest", "");
  return meta;
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
