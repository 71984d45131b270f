rexp_test(model_parity_test SOURCES ${CMAKE_CURRENT_LIST_DIR}/model_parity_test.cpp DEPS rexp_model TORCH)
