# Compiler cache, warnings, and the helpers that every folder's CMakeLists.txt uses.
find_program(REXP_CCACHE ccache)
if(REXP_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  # without these sloppiness settings ccache gives up on every unit that uses a precompiled header
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env
      CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime ${REXP_CCACHE})
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    add_compile_options(-fpch-preprocess)
  endif()
endif()
if(REXP_SANITIZE)
  add_compile_options(-fsanitize=${REXP_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${REXP_SANITIZE})
endif()
set(REXP_WARNINGS -Wall -Wextra)
if(REXP_WERROR)
  list(APPEND REXP_WARNINGS -Werror)
endif()

# rexp_precompile(name [HEADER ..]): what nearly every unit includes, parsed once for all targets made after this call in this
# folder and below, which share its flags. The sources include what they use all the same: clang-tidy reads them without it.
function(rexp_precompile name)
  file(CONFIGURE OUTPUT ${name}.cpp CONTENT "// the precompiled header's only unit\n")
  add_library(${name} STATIC ${CMAKE_CURRENT_BINARY_DIR}/${name}.cpp)
  target_compile_options(${name} PRIVATE ${REXP_WARNINGS})
  target_precompile_headers(${name} PRIVATE <algorithm> <chrono> <filesystem> <fstream> <functional> <map> <memory> <numeric> <optional>
                            <set> <span> <sstream> <string> <unordered_map> <variant> <vector> <nlohmann/json.hpp> ${ARGN})
  set(REXP_PRECOMPILED ${name} PARENT_SCOPE)
endfunction()

# Files of this folder, and of those below it, that register a component (runtime/base/registry.h).
function(rexp_components out)
  file(GLOB files CONFIGURE_DEPENDS RELATIVE ${CMAKE_CURRENT_SOURCE_DIR} *.cpp */*.cpp)
  set(found)
  foreach(file IN LISTS files)
    file(STRINGS ${file} lines REGEX "^REXP_REGISTER\\(")
    if(lines)
      list(APPEND found ${file})
    endif()
  endforeach()
  set(${out} ${found} PARENT_SCOPE)
endfunction()

# rexp_library(name SOURCES a.cpp .. [COMPONENTS] [DEPS lib ..] [TORCH]): static library rexp_<name>.
# COMPONENTS: with the folder's files that register themselves; nobody calls them by name, so they are linked whole.
# TORCH: links LibTorch and uses its precompiled header.
function(rexp_library name)
  cmake_parse_arguments(A "TORCH;COMPONENTS" "" "SOURCES;DEPS" ${ARGN})
  add_library(rexp_${name} STATIC ${A_SOURCES})
  set(targets rexp_${name})
  if(A_COMPONENTS)
    rexp_components(components)
    add_library(rexp_${name}_components OBJECT ${components})
    list(APPEND targets rexp_${name}_components)
    target_link_libraries(rexp_${name} INTERFACE $<TARGET_OBJECTS:rexp_${name}_components>)
  endif()
  foreach(target IN LISTS targets)
    target_include_directories(${target} PUBLIC ${PROJECT_SOURCE_DIR})
    target_compile_options(${target} PRIVATE ${REXP_WARNINGS})
    target_link_libraries(${target} PUBLIC ${A_DEPS})
    if(A_TORCH)
      target_link_libraries(${target} PUBLIC rexp::torch)
      target_precompile_headers(${target} REUSE_FROM rexp_torch_pch)
    else()
      target_precompile_headers(${target} REUSE_FROM ${REXP_PRECOMPILED})
    endif()
  endforeach()
endfunction()

# A program that includes LibTorch: its header was precompiled with -fPIC, so what uses it is compiled so too.
function(rexp_use_torch_header name)
  target_link_libraries(${name} PRIVATE rexp::torch)
  target_compile_options(${name} PRIVATE -fPIC)
  target_precompile_headers(${name} REUSE_FROM rexp_torch_pch)
endfunction()

# rexp_test(name SOURCES .. DEPS .. [TORCH] [SLOW]): a GoogleTest program; label fast unless SLOW. Tests are not optimised, which
# halves what they take to build, but for those that use LibTorch's precompiled header.
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
  else()
    target_compile_options(${name} PRIVATE -fPIC $<$<CONFIG:Release>:-O0>)
    target_precompile_headers(${name} REUSE_FROM rexp_tests_pch)
  endif()
  add_test(NAME ${name} COMMAND ${name})
  # several tests run at once: threads that wait for one another at full speed would hold up those of the others
  set_tests_properties(${name} PROPERTIES LABELS "$<IF:$<BOOL:${A_SLOW}>,slow,fast>" TIMEOUT 1200
                       ENVIRONMENT "OMP_NUM_THREADS=1;GOMP_SPINCOUNT=0")
endfunction()

# rexp_bench(name SOURCES .. DEPS .. [TORCH]): a program that prints times. Built with everything else, run by ./dev bench.
add_custom_target(benches)
function(rexp_bench name)
  cmake_parse_arguments(A "TORCH" "" "SOURCES;DEPS" ${ARGN})
  add_executable(${name} ${A_SOURCES})
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR})
  target_compile_options(${name} PRIVATE ${REXP_WARNINGS})
  target_compile_definitions(${name} PRIVATE REXP_DEPS_DIR="${REXP_DEPS}")
  target_link_libraries(${name} PRIVATE ${A_DEPS})
  add_dependencies(benches ${name})
  if(A_TORCH)
    rexp_use_torch_header(${name})
  endif()
endfunction()
