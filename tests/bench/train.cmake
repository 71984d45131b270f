rexp_bench(train_bench SOURCES ${CMAKE_CURRENT_LIST_DIR}/train_bench.cpp DEPS rexp_train TORCH)
