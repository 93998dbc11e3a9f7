find_package(PkgConfig)
pkg_check_modules(lastcall_spdlog IMPORTED_TARGET GLOBAL spdlog)
set(lastcall_spdlog_LIBRARIES PkgConfig::lastcall_spdlog)
