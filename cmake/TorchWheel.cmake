# Imported target rexp::torch out of the PyPI torch wheel: libtorch_cpu and libc10 only.
# libtorch.so and libtorch_cuda.so are never linked: the runtime opens libtorch_cuda.so at run time where it is there.
set(TORCH_WHEEL_ROOT "${REXP_DEPS}/py")
set(_tl "${TORCH_WHEEL_ROOT}/torch/lib")
set(_ti "${TORCH_WHEEL_ROOT}/torch/include")
set(_cu "${TORCH_WHEEL_ROOT}/nvidia/cu13/lib")
foreach(f IN ITEMS "${_tl}/libtorch_cpu.so" "${_tl}/libc10.so" "${_ti}/torch/csrc/api/include/torch/torch.h")
  if(NOT EXISTS "${f}")
    message(FATAL_ERROR "LibTorch is not there: ${f}\nrun ./dev setup")
  endif()
endforeach()
file(READ "${TORCH_WHEEL_ROOT}/torch/version.py" _v)
string(REGEX MATCH "__version__ = '([0-9.]+)" _ "${_v}")
set(TORCH_WHEEL_VERSION "${CMAKE_MATCH_1}")
add_library(rexp_c10 SHARED IMPORTED GLOBAL)
set_target_properties(rexp_c10 PROPERTIES IMPORTED_LOCATION "${_tl}/libc10.so")
add_library(rexp_torch_cpu SHARED IMPORTED GLOBAL)
set_target_properties(rexp_torch_cpu PROPERTIES IMPORTED_LOCATION "${_tl}/libtorch_cpu.so")
add_library(rexp_torch INTERFACE)
add_library(rexp::torch ALIAS rexp_torch)
target_include_directories(rexp_torch SYSTEM INTERFACE "${_ti}" "${_ti}/torch/csrc/api/include")
target_link_libraries(rexp_torch INTERFACE rexp_torch_cpu rexp_c10)
# at::parallel_for is a plain loop where it is compiled without OpenMP; LibTorch's own libgomp.so.1 is loaded, the only one.
target_compile_options(rexp_torch INTERFACE -fopenmp)
target_link_options(rexp_torch INTERFACE -fopenmp)
# DT_RUNPATH in ours, so that LD_LIBRARY_PATH can point at another machine's torch/lib (one with CUDA)
target_link_options(rexp_torch INTERFACE
  "LINKER:-rpath-link,${_cu}" "LINKER:-rpath-link,${_tl}" "LINKER:--enable-new-dtags")

# ATen's header takes five seconds a unit: one precompiled header for every target that includes it. What trains includes
# autograd's own headers beside it; all of <torch/torch.h> would be twice as large and twice as slow to load.
rexp_precompile(rexp_torch_pch <ATen/ATen.h>)
target_link_libraries(rexp_torch_pch PUBLIC rexp::torch)
