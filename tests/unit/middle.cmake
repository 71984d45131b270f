rexp_test(check_test SOURCES ${CMAKE_CURRENT_LIST_DIR}/check_test.cpp DEPS rexp_compile)
rexp_test(elaborate_test SOURCES ${CMAKE_CURRENT_LIST_DIR}/elaborate_test.cpp DEPS rexp_compile)
rexp_test(plan_test SOURCES ${CMAKE_CURRENT_LIST_DIR}/plan_test.cpp DEPS rexp_compile)
