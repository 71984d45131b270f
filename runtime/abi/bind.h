// A kernel with the columns and semantic ids it reads filled in.
//
//   auto bound = bind(context, *context.kernel("where"), &tokenizer, sid_bases);
//   bound->fn(&bound->context, row, stream, &sink);
#pragma once

#include <deque>
#include <memory>
#include <vector>

#include "runtime/abi/run.h"
#include "runtime/abi/tables.h"
#include "runtime/abi/text_cache.h"

namespace rexp::abi {

struct BoundKernel {
  RexpRowFn fn = nullptr;
  std::string name;
  std::vector<std::string> slots;  // names of the row's columns that the function takes
  RexpRowContext context{};
  std::vector<RexpColumn> columns;
  std::vector<RexpSidTable> sids;
  std::vector<std::shared_ptr<const data::Dataset>> datasets;  // keep what the columns point into
  std::vector<std::unique_ptr<SidIds>> sid_tables;
  std::shared_ptr<const text::Tokenizer> tokenizer;
  std::unique_ptr<TextCache> texts;
};

/// Columns of `rows` that the kernel's slots take.
Result<std::vector<int>> slot_columns(const BoundKernel& kernel, const data::Rows& rows);

/// First token ids of the node's codebooks, by input.
using SidBases = std::map<int64_t, int32_t>;

/// Errors: a column or table that the dataset has not (internal: the compiler checked them).
Result<std::unique_ptr<BoundKernel>> bind(NodeContext& context, const RexpKernel& kernel,
                                          std::shared_ptr<const text::Tokenizer> tokenizer,
                                          const SidBases& bases);

}  // namespace rexp::abi
