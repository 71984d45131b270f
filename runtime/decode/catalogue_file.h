// Catalogues as files: what one semantic id per item looks like on disk.
//
//   JSON Lines     {"item": 17, "tokens": [151673, 151739, 151802]}
//   index.json     {"17": ["<a_4>", "<b_70>", "<c_187>"], ...}
//   codebook.json  what a codebook's node leaves in the store
//
// The second is what LC-Rec, LETTER and MiniOneRec publish.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "runtime/base/json.h"
#include "runtime/base/result.h"
#include "runtime/codebook/lineage.h"
#include "runtime/text/tokenizer.h"

namespace rexp::decode {

struct CatalogueFile {
  std::string path;
  std::vector<std::vector<int32_t>> tokens;  // per item
  std::vector<nlohmann::json> names;         // per item: `17`, `"tt0114709"`
  std::vector<int> lines;                    // per item; 0 where the file has no lines
  codebook::Lineage codebook;                // of a codebook.json; empty for the others
};

/// Reads any of them, an index.json being one object with neither `item` nor `tokens`, a codebook.json one with `codes` and
/// `level_sizes`. `tokenizer` turns the texts of the latter two into ids; null: such a file is an error. Errors name the line (or the item): not
/// JSON, a field missing, a token the tokenizer does not have, items of different length, an item
/// twice.
Result<CatalogueFile> read_catalogue_file(const std::string& path,
                                          const text::Tokenizer* tokenizer);

/// The error of an item of the file: `path:line: message`.
Error item_error(const CatalogueFile& file, size_t item, std::string message,
                 std::string help = {});

}  // namespace rexp::decode
