// A kernel with the columns and semantic ids it reads filled in.
//
//   auto bound = bind(context, *context.kernel("render"), tokenizer, sid_bases);
//   bound->fn(&bound->context, row, stream, &sink);
//
//   auto holds = row_function(context, 0, {"item"});      // a kernel that reads no tokens, called with rows of these columns
//   holds(&item)->value
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <vector>

#include "runtime/abi/tables.h"
#include "runtime/abi/text_cache.h"
#include "runtime/data/rows.h"
#include "runtime/nodes/run.h"

namespace rexp::nodes {

struct BoundKernel {
  RexpRowFn fn = nullptr;
  std::string name;
  std::vector<std::string> slots;  // names of the row's columns that the function takes
  RexpRowContext context{};
  std::vector<RexpColumn> columns;
  std::vector<RexpSidTable> sids;
  // keep what the columns point into
  std::vector<std::shared_ptr<const void>> kept;
  std::vector<std::unique_ptr<abi::SidIds>> sid_tables;
  std::shared_ptr<const text::Tokenizer> tokenizer;
  std::unique_ptr<abi::TextCache> texts;
};

/// Places in `columns` that the kernel's slots take.
Result<std::vector<int>> slot_columns(const BoundKernel& kernel,
                                      const std::vector<std::string>& columns);

/// Token ids of the node's codebooks, by input.
using SidBases = std::map<int64_t, codebook::TokenIds>;

/// `own`: the dataset that the node itself makes, which its kernels read instead of an input's.
/// Errors: a column or table that is not there (internal: the compiler checked them).
Result<std::unique_ptr<BoundKernel>> bind(NodeContext& context, const RexpKernel& kernel,
                                          std::shared_ptr<const text::Tokenizer> tokenizer,
                                          const SidBases& bases,
                                          std::shared_ptr<const data::Dataset> own = nullptr);

/// The node's kernel as a function of rows with these columns.
Result<data::RowFunction> row_function(NodeContext& context, int64_t kernel,
                                       const std::vector<std::string>& columns,
                                       std::shared_ptr<const data::Dataset> own = nullptr);

}  // namespace rexp::nodes
