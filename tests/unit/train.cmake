rexp_test(train_test
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/train_test.cpp ${CMAKE_CURRENT_LIST_DIR}/train_step_test.cpp
          ${CMAKE_CURRENT_LIST_DIR}/train_stage_test.cpp ${CMAKE_CURRENT_LIST_DIR}/train_choices_test.cpp
          ${CMAKE_CURRENT_LIST_DIR}/train_new_rows_test.cpp ${CMAKE_CURRENT_LIST_DIR}/train_device_test.cpp
  DEPS rexp_train
  TORCH)
# a program of its own: it forks before LibTorch has threads
rexp_test(train_together_test SOURCES ${CMAKE_CURRENT_LIST_DIR}/train_together_test.cpp DEPS rexp_train TORCH)
