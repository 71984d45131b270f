# Programs that say themselves what `rexp check` answers. The built program is under test.
set(support ${CMAKE_CURRENT_LIST_DIR}/expected_codes.cpp ${CMAKE_CURRENT_SOURCE_DIR}/cli/program.cpp)
rexp_test(leak_test SOURCES ${CMAKE_CURRENT_SOURCE_DIR}/leak/leak_test.cpp ${support} DEPS rexp_base)
rexp_test(cases_test SOURCES ${CMAKE_CURRENT_SOURCE_DIR}/cases/cases_test.cpp ${support} DEPS rexp_base)
add_dependencies(leak_test rexp)
add_dependencies(cases_test rexp)
