rexp_test(wall_test SOURCES ${CMAKE_CURRENT_LIST_DIR}/wall_test.cpp)
