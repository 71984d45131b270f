// Datasets and codebooks in the form that row functions read (abi.h). The views point into what they are made of.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "runtime/abi/abi.h"
#include "runtime/codebook/codebook.h"
#include "runtime/data/dataset.h"

namespace rexp::abi {

/// Token ids of a codebook's items: [items, width], marks included, ids of the full tokenizer.
struct SidIds {
  std::vector<int32_t> ids;
  std::vector<uint8_t> levels;
  RexpSidTable table{};
};

/// `first_id`: the id of flat code 0.
std::unique_ptr<SidIds> sid_ids(const codebook::Codebook& codebook, int32_t first_id);

RexpColumn column_view(const data::Column& column);
/// A column of "items", "events" or "users"; null where there is none.
const data::Column* find_column(const data::Dataset& dataset, std::string_view table,
                                std::string_view column);

}  // namespace rexp::abi
