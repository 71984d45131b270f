#include "runtime/store/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>

#include "runtime/base/fault.h"

namespace rexp::store {
namespace {

namespace fs = std::filesystem;

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }
  /// Closes now, to see the errors that only closing reports (quotas, network file systems).
  int close() {
    const int result = ::close(fd_);
    fd_ = -1;
    return result;
  }

 private:
  int fd_;
};

Status write_all(int fd, const std::string& path, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return system_error("write", path, errno);
    bytes.remove_prefix(static_cast<size_t>(written));
  }
  return {};
}

Status write_new(const std::string& path, std::string_view bytes, bool sync) {
  Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
  if (file.get() < 0) return system_error("write", path, errno);
  Status status = write_all(file.get(), path, bytes);
  if (status.ok() && sync && ::fsync(file.get()) != 0) status = system_error("write", path, errno);
  if (status.ok() && file.close() != 0) status = system_error("write", path, errno);
  if (!status.ok()) ::unlink(path.c_str());
  return status;
}

}  // namespace

Error system_error(std::string_view verb, const std::string& path, int error_number) {
  return user_error("cannot " + std::string(verb) + " " + path + ": " + std::strerror(error_number),
                    way_out(error_number, verb != "read"));
}

Result<std::string> read_file(const std::string& path) {
  Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) return system_error("read", path, errno);
  struct stat info{};
  if (::fstat(file.get(), &info) != 0) return system_error("read", path, errno);
  if (S_ISDIR(info.st_mode)) return system_error("read", path, EISDIR);
  std::string bytes(static_cast<size_t>(info.st_size) + 1,
                    '\0');  // one more, so that the end is seen without growing
  size_t filled = 0;
  while (true) {
    if (filled == bytes.size()) bytes.resize(2 * bytes.size());
    const ssize_t got = ::read(file.get(), bytes.data() + filled, bytes.size() - filled);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return system_error("read", path, errno);
    if (got == 0) break;
    filled += static_cast<size_t>(got);
  }
  bytes.resize(filled);
  return bytes;
}

Status write_file(const std::string& path, std::string_view bytes) {
  return write_new(path, bytes, false);
}

Status replace_file(const std::string& path, std::string_view bytes) {
  const std::string fresh = path + ".new." + std::to_string(::getpid());
  REXP_TRY(write_new(fresh, bytes, true));
  if (::rename(fresh.c_str(), path.c_str()) != 0) {
    const int error_number = errno;
    ::unlink(fresh.c_str());
    return system_error("write", path, error_number);
  }
  return sync_path(fs::path(path).parent_path().empty() ? "."
                                                        : fs::path(path).parent_path().string());
}

Status make_folder(const std::string& path) {
  std::error_code error;
  fs::create_directories(path, error);
  if (error && !fs::is_directory(path)) return system_error("create", path, error.value());
  return {};
}

Status sync_path(const std::string& path) {
  Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) return system_error("open", path, errno);
  // Some file systems cannot flush a folder; they have nothing to lose by it.
  if (::fsync(file.get()) != 0 && errno != EINVAL) return system_error("write", path, errno);
  return {};
}

Status sync_tree(const std::string& folder) {
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, error)) {
    REXP_TRY(entry.is_directory() && !entry.is_symlink() ? sync_tree(entry.path().string())
                                                         : sync_path(entry.path().string()));
  }
  if (error) return system_error("read", folder, error.value());
  return sync_path(folder);
}

}  // namespace rexp::store
