#include "runtime/eval/binary_file.h"

#include <algorithm>
#include <fstream>
#include <iterator>

#include "runtime/base/assert.h"
#include "runtime/base/random.h"
#include "runtime/store/file.h"

namespace rexp::eval {
namespace {

constexpr size_t kMagicSize = 8;
constexpr size_t kHeadSize = kMagicSize + sizeof(uint64_t);

uint64_t checksum(std::string_view bytes) {
  uint64_t h = bytes.size();
  for (size_t at = 0; at < bytes.size(); at += 8) {
    uint64_t word = 0;
    std::memcpy(&word, bytes.data() + at, std::min<size_t>(8, bytes.size() - at));
    h = mix64(h ^ word);
  }
  return h;
}

}  // namespace

Status write_checked(const std::string& path, std::string_view magic, std::string_view body) {
  REXP_ASSERT(magic.size() == kMagicSize, "a magic number has eight characters");
  const uint64_t sum = checksum(body);
  std::string bytes(magic);
  bytes.append(reinterpret_cast<const char*>(&sum), sizeof sum).append(body);
  return store::write_file(path, bytes);
}

Result<ArrayReader> ArrayReader::open(const std::string& path, std::string_view magic) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return file_error(path, 0, "the file cannot be read");
  ArrayReader reader;
  reader.path_ = path;
  reader.bytes_.assign(std::istreambuf_iterator<char>(in), {});
  uint64_t sum = 0;
  if (reader.bytes_.size() < kHeadSize || reader.bytes_.compare(0, kMagicSize, magic) != 0)
    return reader.broken();
  std::memcpy(&sum, reader.bytes_.data() + kMagicSize, sizeof sum);
  reader.at_ = kHeadSize;
  if (checksum(reader.rest()) != sum) return reader.broken();
  return reader;
}

Error ArrayReader::broken() const {
  return file_error(path_, 0, "the file is of another kind, or it is damaged or cut short",
                    "delete it and run again");
}

}  // namespace rexp::eval
