// Reading and writing .safetensors: eight bytes of header length, a JSON header, then raw
// little-endian data. Reading maps the file.
#pragma once

#include <ATen/ATen.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "runtime/base/result.h"

namespace rexp::model {

/// One file, or the shards that `model.safetensors.index.json` lists, opened and checked: header of a sane size and well-formed, every
/// tensor of a known type, as large as its shape says, inside the file, apart from all others and in one shard only.
class TensorFile {
 public:
  /// `folder/model.safetensors`, else `folder/model.safetensors.index.json`.
  static Result<TensorFile> open_folder(const std::string& folder);
  static Result<TensorFile> open(const std::string& path);

  bool has(const std::string& name) const;
  std::vector<std::string> names() const;              // ascending
  std::string file_of(const std::string& name) const;  // that holds the tensor
  /// A fresh fp32 CPU tensor (stored as F32, F16 or BF16). Error: absent, of another shape, of
  /// another type.
  Result<at::Tensor> read(const std::string& name, const std::vector<int64_t>& shape) const;

  TensorFile(TensorFile&&) noexcept;
  TensorFile& operator=(TensorFile&&) noexcept;
  ~TensorFile();

 private:
  TensorFile();
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// Writes fp32 tensors in the given order, atomically (temporary name, fsync, rename).
Status write_safetensors(const std::string& path,
                         const std::vector<std::pair<std::string, at::Tensor>>& tensors);

}  // namespace rexp::model
