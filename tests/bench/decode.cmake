# decode_bench [prompt tokens] [repeats]
rexp_bench(decode_bench SOURCES ${CMAKE_CURRENT_LIST_DIR}/decode_bench.cpp DEPS rexp_decode TORCH)
