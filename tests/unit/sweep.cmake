rexp_test(sweep_test SOURCES ${CMAKE_CURRENT_LIST_DIR}/sweep_test.cpp DEPS rexp_sweep)
