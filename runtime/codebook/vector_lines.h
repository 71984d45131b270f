// Vectors that somebody else made, of a sentence encoder for example: a JSON object per line.
//
//   {"id": "tt0114709", "vector": [0.12, -0.03, 0.4]}
//   {"id": "tt0113497", "vector": [0.08, 0.21, -0.17]}
//
// `id` is the item's id in the data, a text or a whole number; other fields are not looked at.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>

#include "runtime/base/result.h"
#include "runtime/codebook/vectors.h"
#include "runtime/data/dataset.h"

namespace rexp::codebook {

struct VectorLines {
  std::string file;
  Vectors vectors;                               // in the order of the file
  std::unordered_map<std::string, int64_t> row;  // of an id
};

/// User errors, with their line: no such object, a vector of another size than the first or with what is no finite number, an id that
/// is there twice; a file without vectors.
Result<VectorLines> read_vector_lines(const std::string& path);

/// The vector of every item of the dataset. `strangers`: how many ids of the file are no items. User error: items without a vector,
/// how many and which is the first.
Result<Vectors> vectors_of_items(const VectorLines& lines, const data::Dataset& dataset,
                                 int64_t* strangers);

}  // namespace rexp::codebook
