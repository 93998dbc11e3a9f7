// Ports of 127.0.0.1 for servers that are started, stopped and started again.
#pragma once

#include <cstdint>
#include <random>

namespace lastcall::check {

/// A port that nobody is given as the source of a connection, so that it stays free while nobody listens on
/// it; 0 if there is none.
[[nodiscard]] std::uint16_t lasting_port(std::mt19937_64& random);

}  // namespace lastcall::check
