// What the rows of added tokens hold before they have learnt anything.
//
//   stage warm_up { adds = sid.tokens; new_rows = codebook }
//
//   random      N(0, sigma), sigma that of all numbers of the matrix
//   mean_text   the mean of the rows that are there, and a little noise, so that no two rows are alike: at first a new token is about
//               as likely as the others (Hewitt 2021, "Initializing new word embeddings for pretrained language models")
//   codebook    the mean, and the code's centroid in the codebook's quantiser, so that codes that are near there begin near here
//
// The centroids of a level are seen from their own mean, brought to the model's width by one random projection for all levels, which
// keeps distances where the model is as wide as they are, and scaled until they deviate as much as the rows of the matrix do. What has
// no centroid (the level that separates clashes, marks, text) begins as with `mean_text`. The head of an untied model has a mean, a
// deviation and a projection of its own.
#pragma once

#include <cstdint>
#include <vector>

#include "runtime/base/result.h"
#include "runtime/model/artifact.h"
#include "runtime/train/vocabulary_growth.h"

namespace rexp::train {

/// User errors, with `codebook`: one of the codebooks has no centroids, or those of other levels.
Status check_new_rows(const StageSpec& spec, const std::vector<const CodebookInput*>& gained);

/// `gained`: the codebooks whose tokens are added, checked; they must outlive the maker.
model::MakeRows make_new_rows(NewRows kind, const std::vector<const CodebookInput*>& gained,
                              uint64_t stream);

}  // namespace rexp::train
