# A program, not a test: it prints times. decode_bench [prompt tokens] [repeats]
add_executable(decode_bench ${CMAKE_CURRENT_LIST_DIR}/decode_bench.cpp)
target_include_directories(decode_bench PRIVATE ${PROJECT_SOURCE_DIR})
# -fPIC, as the precompiled header was made
set_target_properties(decode_bench PROPERTIES POSITION_INDEPENDENT_CODE OFF)
target_compile_options(decode_bench PRIVATE ${REXP_WARNINGS} -fPIC)
target_link_libraries(decode_bench PRIVATE rexp_decode rexp::torch)
target_precompile_headers(decode_bench REUSE_FROM rexp_torch_pch)
