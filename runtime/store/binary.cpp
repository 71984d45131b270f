#include "runtime/store/binary.h"

#include "runtime/base/assert.h"
#include "runtime/store/digest.h"
#include "runtime/store/file.h"

namespace rexp::store {
namespace {

constexpr size_t kMagicSize = 8, kDigestSize = 32;
constexpr size_t kHeaderSize = kMagicSize + sizeof(uint32_t) + sizeof(uint64_t) + kDigestSize;

}  // namespace

Status write_framed(const std::string& path, std::string_view magic, uint32_t version,
                    std::string_view payload) {
  REXP_ASSERT(magic.size() == kMagicSize, "a magic number has eight letters");
  BinaryWriter header;
  header.value(version);
  header.value<uint64_t>(payload.size());
  std::string bytes;
  bytes.reserve(kHeaderSize + payload.size());
  bytes.append(magic).append(header.bytes()).append(digest(payload)).append(payload);
  return write_file(path, bytes);
}

Error damaged(const std::string& path, const std::string& what) {
  return file_error(path, 0, what, "remove the folder of this artifact and run again");
}

Result<std::string> read_framed(const std::string& path, std::string_view magic, uint32_t version) {
  Result<std::string> bytes = read_file(path);
  if (!bytes.ok()) return bytes.error();
  if (bytes->size() < kHeaderSize || !std::string_view(*bytes).starts_with(magic)) {
    return damaged(path, "this is not a " + std::string(magic) + " file, or only its beginning");
  }
  BinaryReader header(std::string_view(*bytes).substr(kMagicSize));
  const uint32_t seen_version = header.value<uint32_t>();
  const uint64_t size = header.value<uint64_t>();
  if (seen_version != version) {
    return damaged(path, "the file has version " + std::to_string(seen_version) +
                             ", this rexp reads version " + std::to_string(version));
  }
  std::string payload = bytes->substr(kHeaderSize);
  if (payload.size() != size) {
    return damaged(path, "the file holds " + std::to_string(payload.size()) +
                             " bytes of data where its header says " + std::to_string(size));
  }
  if (digest(payload) != std::string_view(*bytes).substr(kHeaderSize - kDigestSize, kDigestSize)) {
    return damaged(path, "the checksum of the file does not match its data");
  }
  return payload;
}

}  // namespace rexp::store
