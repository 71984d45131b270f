# The program under test is the `rexp` of this build; without it the files are skipped with a reason.
rexp_test(golden_test SOURCES ${CMAKE_CURRENT_LIST_DIR}/golden_test.cpp ${CMAKE_CURRENT_LIST_DIR}/golden_file.cpp)
rexp_test(diagnostics_coverage SOURCES ${CMAKE_CURRENT_LIST_DIR}/diagnostics_coverage_test.cpp DEPS rexp_diagnostics)
if(TARGET rexp)
  add_dependencies(golden_test rexp)
  add_custom_target(update-golden COMMAND ${CMAKE_COMMAND} -E env REXP_UPDATE_GOLDEN=1 $<TARGET_FILE:golden_test>
                    DEPENDS golden_test rexp USES_TERMINAL)
endif()
