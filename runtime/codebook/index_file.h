// Semantic ids that other projects made, as they ship them.
//
//   LETTER, LC-Rec, MiniOneRec   {"0": ["<a_183>", "<b_70>", "<c_232>", "<d_6>"], ..}
//   plain codes                  {"0": [228, 220, 159, 91], ..}
#pragma once

#include <map>
#include <string>
#include <vector>

#include "runtime/codebook/codebook.h"
#include "runtime/data/dataset.h"

namespace rexp::codebook {

struct IndexFile {
  std::string file;
  std::map<std::string, std::vector<int32_t>> codes;  // by the item id as the file writes it
  std::vector<int32_t> level_sizes;  // largest code + 1: the file does not tell the true sizes
  std::vector<std::string>
      level_surfaces;  // "<a_{}>" of each level; empty where codes are numbers or not spelt alike
};

/// Errors: no JSON object of lists, codes without a number, items of different depth.
Result<IndexFile> read_index_file(const std::string& path);

/// A codebook for the dataset's items. `shift` is added to the file's ids where both sides number
/// items and count from different first numbers (LETTER's Beauty counts from 0, the sequences from
/// 1: shift 1). Errors: an item that the file lacks.
Result<Codebook> from_index_file(const IndexFile& index, const data::Dataset& dataset,
                                 int64_t shift = 0);

}  // namespace rexp::codebook
