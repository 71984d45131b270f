// Which tokens a stage adds to its model, decided before the first step.
//
//   stage warm_up { adds = sid }     ->  every token of the codebook, in id order, recorded with the codebook's name and hash
//   a model whose vocabulary grows   ->  also every token that any example of the stage has and the model does not own
//
// Growth is exact: the whole stream of the stage is rendered once (every position of every epoch, with the choices that training will
// make), so the model gains the rows it learns and no row that stays noise. A token that only a prompt at evaluation uses is
// split there into parts that the model owns. Rendering costs about a hundredth of training on the same stream.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "runtime/base/result.h"
#include "runtime/codebook/codebook.h"
#include "runtime/codebook/vectors.h"
#include "runtime/model/artifact.h"
#include "runtime/train/batch.h"
#include "runtime/train/example.h"
#include "runtime/train/stage_spec.h"

namespace rexp::train {

/// A codebook whose tokens the stage's templates print, and the ids of the full tokenizer that they have.
struct CodebookInput {
  const codebook::Codebook* codebook = nullptr;
  codebook::TokenIds ids;
  bool in_tokenizer = false;  // the tokens are the tokenizer's own, none is added
  /// Of each level of the quantiser that gave its codes, [codes, width]; null: no vector did.
  const std::vector<codebook::Vectors>* centroids = nullptr;
};

/// The tokens that are there before any codebook's: how many, and which of them a codebook's are.
struct KnownTokens {
  int32_t size = 0;
  std::function<Result<std::optional<codebook::TokenIds>>(const codebook::Codebook&)> find;
};

/// Where the model has the tokens of a codebook: because it learnt it, or because its tokenizer came with them. User error: they
/// belong to another codebook that it owns, or the tokenizer has only some of them.
Result<std::optional<CodebookInput>> find_tokens(const model::ModelArtifact& model,
                                                 const codebook::Codebook& codebook,
                                                 const KnownTokens& known);

/// Ids for codebooks, in order: those that `model` already gave them, those of tokens that the tokenizer has, new ones behind the
/// tokenizer and behind every owned codebook. User error: the model owns a codebook of that name with another hash (names both),
/// or with the same tokens; with `adds` false, it does not own it.
Result<std::vector<CodebookInput>> place_codebooks(
    const std::string& stage, const model::ModelArtifact& model, bool adds,
    const std::vector<const codebook::Codebook*>& codebooks, const KnownTokens& known);

/// Ids of all examples at positions [0, rows), ascending. `look` is called now and then with the position; it ends the pass with an
/// interruption by returning false.
Result<std::vector<int32_t>> ids_of_stream(ExampleSource* source, int64_t rows,
                                           const std::function<bool(int64_t)>& look);

/// Those of the codebooks whose tokens `grow` will add to the model.
std::vector<const CodebookInput*> gained_by(const model::ModelArtifact& model,
                                            const std::vector<CodebookInput>& codebooks);

/// Adds the codebooks' tokens and, when the vocabulary grows, those of `stream_ids`. What their rows hold is said by the stage's
/// `new_rows`; what is drawn for them is drawn from (`stream`, id). Returns how many rows were added.
Result<int64_t> grow(const StageSpec& spec, const std::vector<CodebookInput>& codebooks,
                     const std::vector<int32_t>& stream_ids, uint64_t stream,
                     model::ModelArtifact* model);

/// Row of every id in [0, largest owned id].
RowOfId row_of_id(const model::Vocabulary& vocabulary);

}  // namespace rexp::train
