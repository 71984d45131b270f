find_package(benchmark REQUIRED)
rexp_bench(row_bench SOURCES ${CMAKE_CURRENT_LIST_DIR}/row_bench.cpp
           DEPS rexp_row_testing rexp_interp rexp_jit benchmark::benchmark)
