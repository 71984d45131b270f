rexp_test(tokenizer_parity_test SOURCES ${CMAKE_CURRENT_LIST_DIR}/tokenizer_test.cpp DEPS rexp_text)
