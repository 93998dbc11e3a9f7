# lastcall_adapter(NAME LIBRARIES… [BROKERS…]): the library of adapters/NAME, lastcall::NAME, from every *.cc in it, and
# one test binary from its *_test.cc. Its folder's lastcall/NAME.h is what users include; LIBRARIES are what it adapts;
# BROKERS are the servers of tests/brokers that its tests need.
function(lastcall_adapter name)
  cmake_parse_arguments(PARSE_ARGV 1 adapter "" "" "BROKERS")
  set(folder ${PROJECT_SOURCE_DIR}/adapters/${name})
  file(GLOB sources CONFIGURE_DEPENDS ${folder}/*.cc)
  set(tests ${sources})
  list(FILTER tests INCLUDE REGEX "_test\\.cc$")
  list(FILTER sources EXCLUDE REGEX "_test\\.cc$")

  add_library(lastcall_${name} STATIC ${sources})
  add_library(lastcall::${name} ALIAS lastcall_${name})
  target_include_directories(lastcall_${name} PUBLIC $<BUILD_INTERFACE:${folder}> $<INSTALL_INTERFACE:include>)
  target_link_libraries(lastcall_${name} PUBLIC liblastcall ${adapter_UNPARSED_ARGUMENTS})

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
