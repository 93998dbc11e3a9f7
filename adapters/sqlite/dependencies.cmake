find_package(PkgConfig)
pkg_check_modules(lastcall_sqlite IMPORTED_TARGET GLOBAL sqlite3)
set(lastcall_sqlite_LIBRARIES PkgConfig::lastcall_sqlite)
