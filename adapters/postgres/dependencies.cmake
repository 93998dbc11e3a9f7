find_package(PkgConfig)
pkg_check_modules(lastcall_libpq IMPORTED_TARGET GLOBAL libpq)
set(lastcall_postgres_LIBRARIES PkgConfig::lastcall_libpq)
