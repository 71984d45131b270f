// Where tensors live. CUDA's libraries are opened at run time where they are there; nothing links
// them.
#pragma once

#include <ATen/ATen.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "runtime/base/result.h"

namespace rexp::model {

/// What matrix products of a model's layers are computed in; everything else is fp32.
enum class Precision : uint8_t { fp32, bf16 };
const char* to_string(Precision precision);
/// "fp32", "bf16", or "auto": bf16 where the device multiplies it faster (CPUs with avx512_bf16, CUDA). Error: another word.
Result<Precision> pick_precision(const std::string& wanted, at::Device device);

/// "cpu", "cuda" or nothing: what is there. Error: another word; cuda asked for and absent (says
/// why).
Result<at::Device> pick_device(const std::optional<std::string>& wanted);

/// Threads of tensor operations, once per process: `threads`, or when 0 the cores this process may
/// use (its CPU affinity), shared evenly by `processes`. Also turns off TF32, so that an fp32 product
/// is one.
void set_threads(int threads = 0, int processes = 1);

/// In what tensors are computed: "libtorch", "device", "cpu" (the instructions in use), "threads", "dtype". Results are equal to the
/// last bit where these are.
std::map<std::string, std::string> machine(const at::Device& device);

/// Lets the allocator keep what tensors free, once per process. glibc gives large blocks back to the
/// kernel, so that every activation of every step is mapped and zeroed page by page anew.
void keep_freed_memory();

}  // namespace rexp::model
