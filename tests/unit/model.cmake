rexp_test(model_test
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/model_test.cpp ${CMAKE_CURRENT_LIST_DIR}/safetensors_test.cpp ${CMAKE_CURRENT_LIST_DIR}/model_forward_test.cpp
          ${CMAKE_CURRENT_LIST_DIR}/model_fused_test.cpp
  DEPS rexp_model TORCH)
