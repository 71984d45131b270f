rexp_test(codebook_test SOURCES ${CMAKE_CURRENT_LIST_DIR}/codebook_test.cpp ${CMAKE_CURRENT_LIST_DIR}/codebook_learn_test.cpp
                                ${CMAKE_CURRENT_LIST_DIR}/codebook_vectors_file_test.cpp ${CMAKE_CURRENT_LIST_DIR}/codebook_reassign_test.cpp
          DEPS rexp_codebook_learn rexp_store)
