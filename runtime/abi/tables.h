// Datasets and codebooks in the form that row functions read (abi.h). The views point into what they are made of.
#pragma once

#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "runtime/abi/abi.h"
#include "runtime/codebook/codebook.h"
#include "runtime/data/dataset.h"
#include "runtime/text/tokenizer.h"

namespace rexp::abi {

/// Token ids of a codebook's items: [items, width], marks included, ids of the full tokenizer.
struct SidIds {
  std::vector<int32_t> ids;
  std::vector<uint8_t> levels;
  RexpSidTable table{};
};

std::unique_ptr<SidIds> sid_ids(const codebook::Codebook& codebook, const codebook::TokenIds& ids);

/// The tokens of a codebook that a tokenizer has by their texts, as checkpoints of other projects do. Nothing where it has none of those
/// that items are made of. User error: it has some of them.
Result<std::optional<codebook::TokenIds>> tokens_in(const text::Tokenizer& tokenizer,
                                                    const codebook::Codebook& codebook);

RexpColumn column_view(const data::Column& column);
/// A column of "items", "events" or "users"; null where there is none.
const data::Column* find_column(const data::Dataset& dataset, std::string_view table,
                                std::string_view column);

}  // namespace rexp::abi
