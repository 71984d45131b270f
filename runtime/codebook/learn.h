// From the arguments of `vectors` and `codebook` nodes (runtime/abi/README.md) to their artifacts.
#pragma once

#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "runtime/codebook/codebook.h"
#include "runtime/codebook/vectors.h"
#include "runtime/data/dataset.h"

namespace rexp::codebook {

/// Adds a last level that tells items with the same codes apart: 0 for the one with most train
/// events, then by count, then by index. Its size is the next power of two of 1.5 times the largest
/// group, so that new items can be appended.
void add_extra_level(Codebook& book, const std::vector<int64_t>& train_counts);

/// Codes without learning: the digits of the item's index, the first level changing fastest. In the
/// toy catalogue, with eight codes on the first level, that level is the genre.
std::vector<std::vector<int32_t>> toy_tree(int64_t items, const std::vector<int32_t>& levels);

/// `text` gives the text of an item, for text_features. Notes tell what a reader of the report
/// should know.
Result<Vectors> learn_vectors(const nlohmann::json& args, const data::Dataset& dataset,
                              const std::function<std::string(int64_t item)>& text,
                              std::vector<std::string>* notes);

/// `vectors` may be null where the kind needs none. Errors: an index file that does not fit, levels
/// too small (user errors).
Result<Codebook> learn_codebook(const nlohmann::json& args, const nlohmann::json& site,
                                const data::Dataset& dataset, const Vectors* vectors);

}  // namespace rexp::codebook
