rexp_test(sequential_test
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/sequential_network_test.cpp ${CMAKE_CURRENT_LIST_DIR}/sequential_examples_test.cpp
          ${CMAKE_CURRENT_LIST_DIR}/sequential_training_test.cpp
  DEPS rexp_sequential
  TORCH)

rexp_test(backbone_test
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/backbone_test.cpp
  DEPS rexp_model rexp_sequential
  TORCH)
