#include "runtime/codebook/vectors.h"

#include "runtime/store/binary.h"

namespace rexp::codebook {
namespace {

constexpr char kMagic[] = "REXPVECS";
constexpr uint32_t kVersion = 1;

}  // namespace

Status save(const Vectors& vectors, const std::string& path) {
  store::BinaryWriter payload;
  payload.value(vectors.rows);
  payload.value(vectors.size);
  payload.array(vectors.values);
  return store::write_framed(path, kMagic, kVersion, payload.bytes());
}

Result<Vectors> load_vectors(const std::string& path) {
  Result<std::string> bytes = store::read_framed(path, kMagic, kVersion);
  if (!bytes.ok()) return bytes.error();
  store::BinaryReader payload(*bytes);
  Vectors vectors;
  vectors.rows = payload.value<int64_t>();
  vectors.size = payload.value<int32_t>();
  vectors.values = payload.array<float>();
  int64_t count = 0;
  if (!payload.ok() || vectors.rows < 0 || vectors.size < 0 ||
      __builtin_mul_overflow(vectors.rows, int64_t{vectors.size}, &count) ||
      static_cast<int64_t>(vectors.values.size()) != count)
    return store::damaged(path, "the vectors do not fit the file's size");
  return vectors;
}

}  // namespace rexp::codebook
