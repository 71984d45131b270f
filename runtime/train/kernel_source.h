// Examples made by compiled row functions: the mixture says which task's which row stands at a position, the task's renderer prints it.
//
//   position 1204  ->  mixture  ->  task 1, row 88  ->  renderer(row 88, stream(stage, 1204))  ->  ids, trained, levels
//
// An example longer than the window is treated as the stage says; `drop_oldest` is the rule of runtime/abi/window.h.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "runtime/abi/abi.h"
#include "runtime/abi/row_helpers.h"
#include "runtime/abi/window.h"
#include "runtime/data/dataset.h"
#include "runtime/train/example.h"
#include "runtime/train/stage_spec.h"

namespace rexp::train {

/// One task's renderer and what it reads; all pointers outlive the source.
struct KernelTask {
  RexpRowFn render = nullptr;
  const RexpRowContext* context = nullptr;
  const data::Rows* rows = nullptr;
  std::vector<int>
      slots;  // column of `rows` that each slot of the renderer takes; empty: all columns in order
};

class KernelExampleSource : public ExampleSource {
 public:
  /// `mixture`: slots position, then the row count of each task; its value is a packed abi::Draw. `stream`: the stage's.
  /// User errors: a task without rows, a mixture without rows.
  static Result<KernelExampleSource> create(const StageSpec& spec, RexpRowFn mixture,
                                            std::vector<KernelTask> tasks, uint64_t stream);

  int64_t epoch_rows() const override { return epoch_rows_; }
  Result<Example> make(int64_t position) override;
  int64_t tasks() const override { return static_cast<int64_t>(kernels_.size()); }

 private:
  KernelExampleSource(const StageSpec& spec, RexpRowFn mixture, std::vector<KernelTask> tasks,
                      uint64_t stream);

  Result<abi::Draw> draw(int64_t position);
  /// Tokens of the row as its slots are.
  Result<int64_t> render(const KernelTask& task, uint64_t example);
  Status shorten(const abi::Draw& draw, int64_t tokens, uint64_t example);
  std::string place(const abi::Draw& draw) const;
  Error too_long(const abi::Draw& draw, int64_t tokens, const char* help) const;

  StageSpec spec_;
  RexpRowFn mixture_;
  std::vector<KernelTask> kernels_;
  uint64_t stream_;
  int64_t epoch_rows_ = 0;
  std::vector<int64_t> mixture_slots_;           // position, counts
  std::vector<std::vector<std::string>> names_;  // of each task's slots
  std::vector<int64_t> slots_;                   // of the row at hand
  std::unique_ptr<abi::SinkBuffer> sink_;
};

/// Rows of one epoch: of copies the sum over tasks of weight times rows (rounded half up each), of shares the stage's `total`.
int64_t epoch_rows(const StageSpec& spec, const std::vector<int64_t>& counts);

}  // namespace rexp::train
