# The compiler flags of the project's own targets.
add_library(lastcall_flags INTERFACE)
target_compile_options(lastcall_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wold-style-cast -Wnon-virtual-dtor
  -Woverloaded-virtual -Wcast-align -Wcast-qual -Wformat=2 -Wmissing-declarations -Wundef
  -Wimplicit-fallthrough -fno-strict-aliasing
  $<$<CXX_COMPILER_ID:Clang>:-Wno-deprecated-declarations>  # libstdc++ 12 itself in std::stable_sort
  $<$<CXX_COMPILER_ID:GNU>:-Wsuggest-override -Wduplicated-cond -Wduplicated-branches -Wlogical-op>)
target_compile_definitions(lastcall_flags INTERFACE FMT_HEADER_ONLY LASTCALL_VERSION="${PROJECT_VERSION}")
target_include_directories(lastcall_flags INTERFACE ${PROJECT_SOURCE_DIR}/src ${PROJECT_SOURCE_DIR}/include)
if(LASTCALL_SANITIZE)
  # With the sanitizers' checks between, g++ 12 takes libstdc++'s own <regex> for uninitialized.
  target_compile_options(lastcall_flags INTERFACE -fsanitize=${LASTCALL_SANITIZE} -fno-omit-frame-pointer
    $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)
  if(NOT LASTCALL_SANITIZE STREQUAL "thread")
    target_compile_options(lastcall_flags INTERFACE -fno-sanitize-recover=all)
  endif()
  target_link_options(lastcall_flags INTERFACE -fsanitize=${LASTCALL_SANITIZE})
endif()
