rexp_test(lower_test SOURCES ${CMAKE_CURRENT_LIST_DIR}/lower_test.cpp ${CMAKE_CURRENT_LIST_DIR}/lower_mixture_test.cpp
          DEPS rexp_row_testing rexp_interp rexp_jit)
