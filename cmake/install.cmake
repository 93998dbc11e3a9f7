# What `cmake --install` puts where, so that find_package(lastcall COMPONENTS …) and pkg-config find it.
include(CMakePackageConfigHelpers)

set(package_folder ${CMAKE_INSTALL_LIBDIR}/cmake/lastcall)

if(TARGET lastcall)
  install(TARGETS lastcall RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT command)
  install(FILES docs/lastcall.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1 COMPONENT command)
endif()

install(TARGETS liblastcall EXPORT lastcall ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT library)
install(DIRECTORY include/lastcall DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT library FILES_MATCHING PATTERN "*.h")
install(EXPORT lastcall NAMESPACE lastcall:: FILE lastcall-targets.cmake DESTINATION ${package_folder} COMPONENT library)

# Each adapter is a component of its own, with its own targets, so that a service needs only what it asks for.
foreach(adapter IN LISTS LASTCALL_BUILT_ADAPTERS)
  install(TARGETS lastcall_${adapter} EXPORT lastcall-${adapter}
    ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT library)
  install(DIRECTORY adapters/${adapter}/lastcall DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT library
    FILES_MATCHING PATTERN "*.h")
  install(EXPORT lastcall-${adapter} NAMESPACE lastcall:: FILE targets.cmake
    DESTINATION ${package_folder}/${adapter} COMPONENT library)
  install(FILES adapters/${adapter}/dependencies.cmake DESTINATION ${package_folder}/${adapter} COMPONENT library)
endforeach()

configure_package_config_file(cmake/lastcallConfig.cmake.in ${PROJECT_BINARY_DIR}/lastcallConfig.cmake
  INSTALL_DESTINATION ${package_folder})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/lastcallConfigVersion.cmake COMPATIBILITY SameMinorVersion)
file(RELATIVE_PATH prefix_from_pc /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)
configure_file(cmake/lastcall.pc.in ${PROJECT_BINARY_DIR}/lastcall.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/lastcallConfig.cmake ${PROJECT_BINARY_DIR}/lastcallConfigVersion.cmake
  DESTINATION ${package_folder} COMPONENT library)
install(FILES ${PROJECT_BINARY_DIR}/lastcall.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT library)
