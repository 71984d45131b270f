#include "runtime/store/digest.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <limits>
#include <memory>
#include <new>
#include <vector>

#include "runtime/store/file.h"

namespace rexp::store {
namespace {

namespace fs = std::filesystem;

XXH3_state_t* as_state(void* state) { return static_cast<XXH3_state_t*>(state); }

std::string to_hex(XXH128_hash_t hash) {
  char text[33];
  std::snprintf(text, sizeof text, "%016llx%016llx", static_cast<unsigned long long>(hash.high64),
                static_cast<unsigned long long>(hash.low64));
  return text;
}

/// 0, or the number of the error.
int add_file(Digester& digester, const std::string& path, size_t size) {
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rb"), std::fclose);
  if (!file) return errno;
  std::vector<char> buffer(1 << 20);
  errno = 0;
  while (const size_t got =
             std::fread(buffer.data(), 1, std::min(size, buffer.size()), file.get())) {
    digester.add({buffer.data(), got});
    size -= got;
  }
  if (!std::ferror(file.get())) return 0;
  return errno != 0 ? errno : EIO;
}

}  // namespace

Digester::Digester() : state_(XXH3_createState()) {
  if (state_ == nullptr) throw std::bad_alloc();
  XXH3_128bits_reset(as_state(state_));
}
Digester::~Digester() { XXH3_freeState(as_state(state_)); }
void Digester::add(std::string_view bytes) {
  XXH3_128bits_update(as_state(state_), bytes.data(), bytes.size());
}
void Digester::add_text(std::string_view text) {
  add_int(static_cast<int64_t>(text.size()));
  add(text);
}
void Digester::add_int(int64_t value) {
  char bytes[8];
  for (int i = 0; i < 8; ++i) bytes[i] = static_cast<char>(static_cast<uint64_t>(value) >> (8 * i));
  add({bytes, 8});
}
std::string Digester::hex() const { return to_hex(XXH3_128bits_digest(as_state(state_))); }

std::string digest(std::string_view bytes) {
  return to_hex(XXH3_128bits(bytes.data(), bytes.size()));
}

Result<std::string> digest_file(const std::string& path) {
  return digest_beginning(path, std::numeric_limits<int64_t>::max());
}

Result<std::string> digest_beginning(const std::string& path, int64_t size) {
  Digester digester;
  if (const int fault = add_file(digester, path, static_cast<size_t>(size)))
    return system_error("read", path, fault);
  return digester.hex();
}

Result<std::optional<std::string>> digest_where_sound(const std::string& path) {
  Digester digester;
  const int fault = add_file(digester, path, std::numeric_limits<size_t>::max());
  if (fault == ENOENT || fault == EIO) return std::optional<std::string>();
  if (fault != 0) return system_error("read", path, fault);
  return std::optional<std::string>(digester.hex());
}

Result<std::vector<std::string>> files_below(const std::string& folder) {
  std::vector<std::string> names;
  std::error_code error;
  for (fs::recursive_directory_iterator it(folder, error), end; !error && it != end;
       it.increment(error)) {
    if (!it->is_directory()) names.push_back(fs::relative(it->path(), folder).generic_string());
  }
  if (error) return system_error("read", folder, error.value());
  std::sort(names.begin(), names.end());
  return names;
}

Result<std::string> digest_folder(const std::string& folder) {
  const Result<std::vector<std::string>> names = files_below(folder);
  if (!names.ok()) return names.error();
  Digester digester;
  for (const std::string& name : *names) {
    digester.add_text(name);
    Result<std::string> content = digest_file(folder + "/" + name);
    if (!content.ok()) return content.error();
    digester.add_text(*content);
  }
  return digester.hex();
}

}  // namespace rexp::store
