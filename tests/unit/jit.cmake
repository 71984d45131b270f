rexp_test(jit_test SOURCES ${CMAKE_CURRENT_LIST_DIR}/jit_test.cpp DEPS rexp_row_testing rexp_jit)
