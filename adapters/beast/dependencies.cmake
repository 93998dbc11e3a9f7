find_package(Boost 1.81)
set(lastcall_beast_LIBRARIES Boost::headers)
