// Where tensors live. CUDA's libraries are opened at run time where they are there; nothing links
// them.
#pragma once

#include <ATen/ATen.h>

#include <map>
#include <optional>
#include <string>

#include "runtime/base/result.h"
#include "runtime/model/precision.h"

namespace rexp::model {

/// What is wanted; without a wish bf16 where the device multiplies it faster (CPUs with avx512_bf16, CUDA), else fp32.
Precision pick_precision(std::optional<Precision> wanted, at::Device device);

/// "cpu", "cuda" or nothing: what is there. Error: another word; cuda asked for and absent (says
/// why).
Result<at::Device> pick_device(const std::optional<std::string>& wanted);

/// Threads of tensor operations, once per process: `threads`, or when 0 the cores this process may
/// use (its CPU affinity), shared evenly by `processes`. Also turns off TF32, so that an fp32 product
/// is one.
void set_threads(int threads = 0, int processes = 1);

/// In what tensors are computed: "libtorch", "device", "cpu" (the instructions in use), "threads", "precision". Results are equal to the
/// last bit where these are.
std::map<std::string, std::string> machine(const at::Device& device);

/// Lets the allocator keep what tensors free, once per process. glibc gives large blocks back to the
/// kernel, so that every activation of every step is mapped and zeroed page by page anew.
void keep_freed_memory();

}  // namespace rexp::model
