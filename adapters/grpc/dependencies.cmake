find_package(PkgConfig)
pkg_check_modules(lastcall_grpcpp IMPORTED_TARGET GLOBAL grpc++>=1.51 protobuf)
set(lastcall_grpc_LIBRARIES PkgConfig::lastcall_grpcpp)
