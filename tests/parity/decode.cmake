rexp_test(decode_parity_test SOURCES ${CMAKE_CURRENT_LIST_DIR}/decode_parity_test.cpp DEPS rexp_decode TORCH)
