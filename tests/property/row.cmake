rexp_library(row_testing SOURCES ${CMAKE_CURRENT_LIST_DIR}/row_fixture.cpp ${CMAKE_CURRENT_LIST_DIR}/row_generator.cpp
             DEPS rexp_row rexp_text rexp_row_helpers)
rexp_test(row_property_test SOURCES ${CMAKE_CURRENT_LIST_DIR}/row_test.cpp DEPS rexp_row_testing rexp_interp rexp_jit)
rexp_test(kernel_property_test SOURCES ${CMAKE_CURRENT_LIST_DIR}/kernel_test.cpp ${CMAKE_CURRENT_LIST_DIR}/source_generator.cpp
          DEPS rexp_row_testing rexp_evaluate rexp_interp rexp_jit)
