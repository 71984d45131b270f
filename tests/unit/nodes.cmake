rexp_test(components_test SOURCES ${CMAKE_CURRENT_LIST_DIR}/components_test.cpp DEPS rexp_nodes TORCH)
rexp_test(nodes_test SOURCES ${CMAKE_CURRENT_LIST_DIR}/nodes_test.cpp ${CMAKE_CURRENT_LIST_DIR}/nodes_learnt_test.cpp DEPS rexp_nodes TORCH)
