#include "runtime/model/device.h"

#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <ATen/Version.h>
#include <dlfcn.h>
#include <sched.h>
#include <torch/headeronly/version.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

#include <algorithm>
#include <mutex>

namespace rexp::model {
namespace {

/// Opens libtorch_cuda.so once. Empty: CUDA can be used; else why not.
const std::string& cuda_fault() {
  static const std::string fault = []() -> std::string {
    if (!dlopen("libtorch_cuda.so", RTLD_NOW | RTLD_GLOBAL)) {
      const char* why = dlerror();
      return why ? why : "libtorch_cuda.so cannot be opened";
    }
    try {
      if (!at::hasCUDA()) return "no CUDA device is visible";
      at::zeros({1}, at::TensorOptions(at::kCUDA));  // a driver that is too old shows only here
    } catch (const std::exception& e) {
      const std::string text = e.what();
      return text.substr(0, text.find('\n'));
    }
    return {};
  }();
  return fault;
}

int usable_cores() {
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) != 0) return 1;
  return std::max(1, CPU_COUNT(&set));
}

bool multiplies_bf16(at::Device device) {
#if defined(__x86_64__)
  if (device.is_cpu()) return __builtin_cpu_supports("avx512bf16") != 0;
#endif
  return device.is_cuda();
}

}  // namespace

Precision pick_precision(std::optional<Precision> wanted, at::Device device) {
  return wanted.value_or(multiplies_bf16(device) ? Precision::bf16 : Precision::fp32);
}

Result<at::Device> pick_device(const std::optional<std::string>& wanted) {
  if (wanted && *wanted != "cpu" && *wanted != "cuda") {
    return user_error("device '" + *wanted + "' is not known; 'cpu' and 'cuda' are");
  }
  if (wanted == "cpu") return at::Device(at::kCPU);
  if (cuda_fault().empty()) return at::Device(at::kCUDA, 0);
  if (!wanted) return at::Device(at::kCPU);
  return user_error("cuda was asked for, but it cannot be used: " + cuda_fault(),
                    "use device cpu, or put a LibTorch with CUDA first on LD_LIBRARY_PATH");
}

void set_threads(int threads, int processes) {
  static std::once_flag once;
  std::call_once(once, [&] {
    at::set_num_threads(threads > 0 ? threads : std::max(1, usable_cores() / processes));
    at::globalContext().setAllowTF32CuBLAS(false);
  });
}

std::map<std::string, std::string> machine(const at::Device& device) {
  return {{"libtorch", TORCH_VERSION},
          {"device", device.is_cuda() ? "cuda" : "cpu"},
          {"cpu", at::get_cpu_capability()},
          {"threads", std::to_string(at::get_num_threads())},
          {"precision", to_string(Precision::fp32)}};
}

void keep_freed_memory() {
#ifdef __GLIBC__
  constexpr int kLargestHeapBlock = 32 << 20;  // glibc refuses a higher threshold
  constexpr int kKept = 1 << 30;  // free memory at the heap's end beyond this goes back
  mallopt(M_MMAP_THRESHOLD, kLargestHeapBlock);
  mallopt(M_TRIM_THRESHOLD, kKept);
#endif
}

}  // namespace rexp::model
