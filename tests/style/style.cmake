# The house rules that tools can hold: format, clang-tidy (function lengths among its checks), lengths of files, nothing left unbuilt.
rexp_test(style_test SOURCES ${CMAKE_CURRENT_LIST_DIR}/style_test.cpp DEPS rexp_base)
add_test(NAME format COMMAND ${PROJECT_SOURCE_DIR}/dev format --check)
set_tests_properties(format PROPERTIES LABELS fast TIMEOUT 300)
add_test(NAME tidy COMMAND ${PROJECT_SOURCE_DIR}/cmake/tidy.sh ${PROJECT_BINARY_DIR} ${REXP_DEPS}/tidy
         compiler runtime)
set_tests_properties(tidy PROPERTIES LABELS slow RUN_SERIAL TRUE TIMEOUT 3600)
