// A model folder: a Hugging Face folder (config.json, model.safetensors, perhaps tokenizer files)
// plus rexp.json, which says which token of the full tokenizer each matrix row is, whose codebook's
// tokens it owns, and how it is spoken to. See README.md.
//
//   Result<ModelArtifact> m = load_model("store/ab/model");
//   m->vocabulary.append_rows(id, &tokenizer, &rows);   // id of the full tokenizer -> matrix rows
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "runtime/base/result.h"
#include "runtime/model/config.h"
#include "runtime/model/weights.h"
#include "runtime/text/model_facts.h"
#include "runtime/text/tokenizer.h"

namespace rexp::model {

/// Which tokens the model has rows for.
class Vocabulary {
 public:
  enum class Kind : uint8_t { full, grows };

  Vocabulary() = default;
  /// Row i is token id i: a published model.
  static Vocabulary full(int64_t rows);
  /// Row i is token `row_ids[i]`: a small model that owns only what its data uses. Ids must be
  /// distinct.
  static Vocabulary grows(std::vector<int32_t> row_ids);

  Kind kind() const { return kind_; }
  int64_t rows() const;
  int32_t id(int64_t row) const;
  /// The row of a token, -1 when the model does not own it.
  int64_t row(int32_t id) const;
  bool owns(int32_t id) const { return row(id) >= 0; }

  /// Appends the row of `id`; of a token it does not own the rows of the tokens that merge into it,
  /// down to bytes. False (and nothing appended) when even those are not owned. `tokenizer` may be
  /// null: then nothing is split.
  bool append_rows(int32_t id, const text::Tokenizer* tokenizer, std::vector<int64_t>* rows) const;
  /// Gives the next row to `id`, which must not be owned. Of a full vocabulary only the id equal to
  /// rows() can be added.
  void add(int32_t id);
  /// Forgets rows from `count` on.
  void truncate(int64_t count);
  /// Ids in row order; the identity written out for a full vocabulary.
  std::vector<int32_t> row_ids() const;

 private:
  Kind kind_ = Kind::full;
  int64_t full_rows_ = 0;
  std::vector<int32_t> row_ids_;
  std::unordered_map<int32_t, int64_t> row_of_;
};

using text::OwnedCodebook;

/// The rows of added tokens in one of the matrices, "embedding" or "head", as [ids, hidden]; `matrix` has the rows that are there.
using MakeRows = std::function<at::Tensor(std::span<const int32_t> ids, const at::Tensor& matrix,
                                          std::string_view name)>;
/// N(0, sigma) drawn from (`stream`, id), sigma = std of the matrix.
MakeRows random_rows_like_others(uint64_t stream);

/// A model, and how it is spoken to.
struct ModelArtifact : text::ModelFacts {
  Config config;
  Weights weights;
  Vocabulary vocabulary;

  /// Appends rows for tokens of the full tokenizer that the model does not own yet. Of a full
  /// vocabulary, `ids` must be consecutive; rows from ids[0] on that the matrix has beyond its
  /// tokenizer are dropped first, so that ids reuse the padding of published matrices. The added
  /// rows are `weights.embedding_new`.
  Status add_tokens(std::span<const int32_t> ids, const MakeRows& make);
};

/// Reads a model folder; a plain Hugging Face folder gets a full vocabulary. Weights become fp32 on
/// the CPU. Errors name the file, and the tensor with its shape: missing, truncated, of another
/// shape or an unknown type.
Result<ModelArtifact> load_model(const std::string& folder);

/// Writes config.json, model.safetensors (fp32, added rows merged), generation_config.json and
/// rexp.json, each under a temporary name and renamed. With `tokenizer` also tokenizer.json and
/// tokenizer_config.json with only the model's tokens, so that transformers opens the folder.
Status save_model(const ModelArtifact& model, const std::string& folder,
                  const text::Tokenizer* tokenizer = nullptr);

}  // namespace rexp::model
