# Compiler cache, linker, warnings, and the helpers that every folder's CMakeLists.txt uses.
find_program(REXP_CCACHE ccache)
if(REXP_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  # without these sloppiness settings ccache gives up on every unit that uses a precompiled header
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env
      CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime ${REXP_CCACHE})
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    add_compile_options(-fpch-preprocess)
  endif()
endif()
add_link_options(-fuse-ld=mold)
if(REXP_SANITIZE)
  add_compile_options(-fsanitize=${REXP_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${REXP_SANITIZE})
endif()
set(REXP_WARNINGS -Wall -Wextra)
if(REXP_WERROR)
  list(APPEND REXP_WARNINGS -Werror)
endif()

# rexp_library(name SOURCES a.cpp .. [DEPS lib ..] [TORCH]): static library rexp_<name>.
# TORCH: links LibTorch and uses its precompiled header.
function(rexp_library name)
  cmake_parse_arguments(A "TORCH" "" "SOURCES;DEPS" ${ARGN})
  add_library(rexp_${name} STATIC ${A_SOURCES})
  target_include_directories(rexp_${name} PUBLIC ${PROJECT_SOURCE_DIR})
  target_compile_options(rexp_${name} PRIVATE ${REXP_WARNINGS})
  target_link_libraries(rexp_${name} PUBLIC ${A_DEPS})
  if(A_TORCH)
    target_link_libraries(rexp_${name} PUBLIC rexp::torch)
    target_precompile_headers(rexp_${name} REUSE_FROM rexp_torch_pch)
  endif()
endfunction()

# A program that includes LibTorch: its header was precompiled with -fPIC, so what uses it is compiled so too.
function(rexp_use_torch_header name)
  target_link_libraries(${name} PRIVATE rexp::torch)
  target_compile_options(${name} PRIVATE -fPIC)
  target_precompile_headers(${name} REUSE_FROM rexp_torch_pch)
endfunction()

# rexp_test(name SOURCES .. DEPS .. [TORCH] [SLOW]): a GoogleTest program; label fast unless SLOW.
function(rexp_test name)
  cmake_parse_arguments(A "TORCH;SLOW" "" "SOURCES;DEPS" ${ARGN})
  add_executable(${name} ${A_SOURCES})
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR})
  target_compile_options(${name} PRIVATE ${REXP_WARNINGS})
  target_compile_definitions(${name} PRIVATE REXP_SOURCE_DIR="${PROJECT_SOURCE_DIR}" REXP_BUILD_DIR="${PROJECT_BINARY_DIR}"
                             REXP_DEPS_DIR="${REXP_DEPS}")
  target_link_libraries(${name} PRIVATE ${A_DEPS} GTest::gtest GTest::gtest_main)
  if(A_TORCH)
    rexp_use_torch_header(${name})
  endif()
  add_test(NAME ${name} COMMAND ${name})
  set_tests_properties(${name} PROPERTIES LABELS "$<IF:$<BOOL:${A_SLOW}>,slow,fast>" TIMEOUT 1200)
endfunction()

# rexp_bench(name SOURCES .. DEPS .. [TORCH]): a program that prints times. Built with everything else, run by ./dev bench.
function(rexp_bench name)
  cmake_parse_arguments(A "TORCH" "" "SOURCES;DEPS" ${ARGN})
  add_executable(${name} ${A_SOURCES})
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR})
  target_compile_options(${name} PRIVATE ${REXP_WARNINGS})
  target_compile_definitions(${name} PRIVATE REXP_DEPS_DIR="${REXP_DEPS}")
  target_link_libraries(${name} PRIVATE ${A_DEPS})
  if(A_TORCH)
    rexp_use_torch_header(${name})
  endif()
endfunction()
