rexp_test(group_test SOURCES ${CMAKE_CURRENT_LIST_DIR}/group_test.cpp DEPS rexp_group TORCH)
