rexp_test(quantiser_test SOURCES ${CMAKE_CURRENT_LIST_DIR}/quantiser_test.cpp DEPS rexp_quantiser TORCH)
rexp_test(quantiser_beauty_test SOURCES ${CMAKE_CURRENT_LIST_DIR}/quantiser_beauty_test.cpp DEPS rexp_quantiser TORCH SLOW)
