rexp_test(group_test SOURCES ${CMAKE_CURRENT_LIST_DIR}/group_test.cpp DEPS rexp_group TORCH)
set_tests_properties(group_test PROPERTIES RUN_SERIAL TRUE)  # tells who died by the clock
