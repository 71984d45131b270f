rexp_test(baseline_test SOURCES ${CMAKE_CURRENT_LIST_DIR}/baseline_test.cpp DEPS rexp_baseline)
rexp_test(baseline_oracle_test SOURCES ${CMAKE_CURRENT_LIST_DIR}/baseline_oracle_test.cpp DEPS rexp_baseline SLOW)
