find_package(PkgConfig)
pkg_check_modules(lastcall_cpp_httplib IMPORTED_TARGET GLOBAL cpp-httplib>=0.11)
set(lastcall_httplib_LIBRARIES PkgConfig::lastcall_cpp_httplib)
