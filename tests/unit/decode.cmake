rexp_test(decode_catalogue_test SOURCES ${CMAKE_CURRENT_LIST_DIR}/decode_catalogue_test.cpp DEPS rexp_catalogue)
rexp_test(decode_test SOURCES ${CMAKE_CURRENT_LIST_DIR}/decode_test.cpp ${CMAKE_CURRENT_LIST_DIR}/decode_table_test.cpp ${CMAKE_CURRENT_LIST_DIR}/decode_command_test.cpp
  DEPS rexp_decode TORCH)
