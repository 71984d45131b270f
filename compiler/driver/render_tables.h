// The columns that a renderer reads, from artifacts in the store, as the runtime binds them: those of datasets, derived ones, pools
// of rows, tables of one's own.
#pragma once

#include <deque>
#include <map>
#include <string>
#include <vector>

#include "compiler/plan/render.h"
#include "runtime/abi/tables.h"

namespace rexp::driver {

class RenderTables {
 public:
  RenderTables(const plan::RenderTarget& target, std::string root)
      : target_(target), root_(std::move(root)) {}

  /// Views of the columns of a row function, in its order; they last as long as this.
  Status bind(const row::RowFunction& function, std::vector<RexpColumn>* out);

 private:
  Result<const data::Column*> find(const row::ColumnRef& reference);
  Result<const data::Column*> of_dataset(const row::ColumnRef& reference);
  std::string artifact(int32_t input, const char* file) const;

  const plan::RenderTarget& target_;
  std::string root_;
  std::map<int32_t, data::Dataset> datasets_;
  std::map<int32_t, data::Rows> rows_;
  std::map<int32_t, data::Table> tables_;
  std::deque<data::Column> derived_;
};

}  // namespace rexp::driver
