rexp_test(data_test SOURCES ${CMAKE_CURRENT_LIST_DIR}/data_test.cpp ${CMAKE_CURRENT_LIST_DIR}/data_bad_files_test.cpp ${CMAKE_CURRENT_LIST_DIR}/csv_test.cpp
          ${CMAKE_CURRENT_LIST_DIR}/rows_test.cpp
  DEPS rexp_data rexp_file)
rexp_test(store_test SOURCES ${CMAKE_CURRENT_LIST_DIR}/store_test.cpp DEPS rexp_store)
