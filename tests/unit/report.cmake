rexp_test(report_test SOURCES ${CMAKE_CURRENT_LIST_DIR}/report_test.cpp DEPS rexp_report)
