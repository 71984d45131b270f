rexp_test(sequential_parity_test SOURCES ${CMAKE_CURRENT_LIST_DIR}/sequential_parity_test.cpp DEPS rexp_sequential TORCH)
