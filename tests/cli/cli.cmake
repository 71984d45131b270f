# The built program itself is under test, so these link nothing of it.
set(cli_dir ${CMAKE_CURRENT_LIST_DIR})
rexp_test(cli_commands_test SOURCES ${cli_dir}/commands_test.cpp ${cli_dir}/program.cpp DEPS rexp_base)
rexp_test(cli_bad_input_test SOURCES ${cli_dir}/bad_input_test.cpp ${cli_dir}/program.cpp DEPS rexp_base)
rexp_test(cli_rows_test SOURCES ${cli_dir}/rows_test.cpp ${cli_dir}/program.cpp DEPS rexp_base)
rexp_test(cli_render_test SOURCES ${cli_dir}/render_test.cpp ${cli_dir}/program.cpp DEPS rexp_base)
rexp_test(cli_folder_test SOURCES ${cli_dir}/folder_test.cpp ${cli_dir}/program.cpp DEPS rexp_base)
rexp_test(help_test SOURCES ${cli_dir}/help_test.cpp ${cli_dir}/program.cpp DEPS rexp_diagnostics)
rexp_test(cli_interruption_test SOURCES ${cli_dir}/interruption_test.cpp ${cli_dir}/program.cpp
          DEPS rexp_base SLOW)
rexp_test(cli_kill_test SOURCES ${cli_dir}/kill_test.cpp ${cli_dir}/every_node.cpp ${cli_dir}/program.cpp DEPS rexp_base SLOW)
rexp_test(cli_damage_test SOURCES ${cli_dir}/damage_test.cpp ${cli_dir}/every_node.cpp ${cli_dir}/program.cpp DEPS rexp_base SLOW)
rexp_test(cli_exhaustion_test SOURCES ${cli_dir}/exhaustion_test.cpp ${cli_dir}/every_node.cpp ${cli_dir}/program.cpp DEPS rexp_base SLOW)
rexp_test(cli_together_test SOURCES ${cli_dir}/together_test.cpp ${cli_dir}/program.cpp DEPS rexp_base SLOW)
foreach(test cli_commands_test cli_bad_input_test cli_rows_test cli_render_test cli_folder_test cli_interruption_test cli_kill_test
        cli_damage_test cli_exhaustion_test cli_together_test)
  add_dependencies(${test} rexp rexp_runtime)
endforeach()
add_dependencies(help_test rexp)
