#include "runtime/store/digest.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <vector>

#include "runtime/base/assert.h"
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

Status add_file(Digester& digester, const std::string& path) {
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rb"), std::fclose);
  if (!file) return system_error("read", path, errno);
  std::vector<char> buffer(1 << 20);
  while (const size_t got = std::fread(buffer.data(), 1, buffer.size(), file.get()))
    digester.add({buffer.data(), got});
  if (std::ferror(file.get())) return system_error("read", path, errno ? errno : EIO);
  return {};
}

}  // namespace

Digester::Digester() : state_(XXH3_createState()) {
  REXP_ASSERT(state_ != nullptr, "out of memory");
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
  Digester digester;
  REXP_TRY(add_file(digester, path));
  return digester.hex();
}

Result<std::string> digest_folder(const std::string& folder, const std::string& skip) {
  std::vector<std::string> names;
  std::error_code error;
  for (fs::recursive_directory_iterator it(folder, error), end; !error && it != end;
       it.increment(error)) {
    if (!it->is_directory()) names.push_back(fs::relative(it->path(), folder).generic_string());
  }
  if (error) return system_error("read", folder, error.value());
  std::sort(names.begin(), names.end());
  Digester digester;
  for (const std::string& name : names) {
    if (name == skip) continue;
    digester.add_text(name);
    Result<std::string> content = digest_file(folder + "/" + name);
    if (!content.ok()) return content.error();
    digester.add_text(*content);
  }
  return digester.hex();
}

}  // namespace rexp::store
