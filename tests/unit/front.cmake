rexp_test(source_test SOURCES ${CMAKE_CURRENT_LIST_DIR}/source_test.cpp DEPS rexp_source)
rexp_test(diagnostics_test SOURCES ${CMAKE_CURRENT_LIST_DIR}/diagnostics_test.cpp DEPS rexp_diagnostics)
rexp_test(parse_test SOURCES ${CMAKE_CURRENT_LIST_DIR}/parse_test.cpp DEPS rexp_parse)
rexp_test(parse_fuzz_test SOURCES ${CMAKE_CURRENT_LIST_DIR}/parse_fuzz_test.cpp DEPS rexp_parse)
