find_package(PkgConfig)
pkg_check_modules(lastcall_prometheus IMPORTED_TARGET GLOBAL prometheus-cpp-push prometheus-cpp-pull)
set(lastcall_prometheus_LIBRARIES PkgConfig::lastcall_prometheus)
