rexp_test(row_test SOURCES ${CMAKE_CURRENT_LIST_DIR}/row_test.cpp ${CMAKE_CURRENT_LIST_DIR}/weave_test.cpp
                           ${CMAKE_CURRENT_LIST_DIR}/row_helpers_test.cpp ${CMAKE_CURRENT_LIST_DIR}/window_test.cpp
          DEPS rexp_row_testing rexp_interp)
