rexp_test(evaluate_test SOURCES ${CMAKE_CURRENT_LIST_DIR}/evaluate_test.cpp DEPS rexp_evaluate)
