rexp_test(eval_test SOURCES ${CMAKE_CURRENT_LIST_DIR}/eval_test.cpp DEPS rexp_eval)
