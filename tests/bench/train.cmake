add_executable(train_bench EXCLUDE_FROM_ALL ${CMAKE_CURRENT_LIST_DIR}/train_bench.cpp)
target_include_directories(train_bench PRIVATE ${PROJECT_SOURCE_DIR})
# -fPIC, as the precompiled header was made
set_target_properties(train_bench PROPERTIES POSITION_INDEPENDENT_CODE OFF)
target_compile_options(train_bench PRIVATE ${REXP_WARNINGS} -fPIC)
target_link_libraries(train_bench PRIVATE rexp_train)
target_precompile_headers(train_bench REUSE_FROM rexp_torch_pch)
