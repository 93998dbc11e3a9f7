# lastcall_adapter(NAME [BROKERS…]): the library of adapters/NAME, lastcall::NAME, from every *.cc in it, and one test
# binary from its *_test.cc; BROKERS are the servers of tests/brokers that these need. Its lastcall/NAME.h is what users
# include. Its dependencies.cmake finds what it adapts and names those targets in lastcall_NAME_LIBRARIES; it is
# installed, too, for find_package(lastcall COMPONENTS NAME). Where one of them is missing the adapter is not built.
function(lastcall_adapter name)
  cmake_parse_arguments(PARSE_ARGV 1 adapter "" "" "BROKERS")
  set(folder ${PROJECT_SOURCE_DIR}/adapters/${name})
  include(${folder}/dependencies.cmake)
  foreach(library IN LISTS lastcall_${name}_LIBRARIES)
    if(NOT TARGET ${library})
      message(STATUS "adapter ${name}: not built, for want of ${library}")
      return()
    endif()
  endforeach()

  file(GLOB sources CONFIGURE_DEPENDS ${folder}/*.cc)
  set(tests ${sources})
  list(FILTER tests INCLUDE REGEX "_test\\.cc$")
  list(FILTER sources EXCLUDE REGEX "_test\\.cc$")

  add_library(lastcall_${name} STATIC ${sources})
  add_library(lastcall::${name} ALIAS lastcall_${name})
  set_target_properties(lastcall_${name} PROPERTIES EXPORT_NAME ${name})
  target_include_directories(lastcall_${name}
    PUBLIC $<BUILD_INTERFACE:${folder}> $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
  target_link_libraries(lastcall_${name} PUBLIC liblastcall ${lastcall_${name}_LIBRARIES})
  set_property(GLOBAL APPEND PROPERTY LASTCALL_BUILT_ADAPTERS ${name})

  if(LASTCALL_TESTS AND tests)
    add_executable(${name}_adapter_test ${tests})
    target_include_directories(${name}_adapter_test PRIVATE ${PROJECT_SOURCE_DIR}/tests)
    target_link_libraries(${name}_adapter_test PRIVATE lastcall_${name} GTest::gtest GTest::gmock GTest::gtest_main)
    set(run "")
    if(adapter_BROKERS)
      set(run ${Python3_EXECUTABLE} -B ${PROJECT_SOURCE_DIR}/tests/brokers/brokers.py ${adapter_BROKERS} --)
    endif()
    add_test(NAME adapter.${name} COMMAND ${run} $<TARGET_FILE:${name}_adapter_test> --gtest_brief=1)
    set_tests_properties(adapter.${name} PROPERTIES TIMEOUT 120 LABELS adapter)
  endif()
endfunction()
