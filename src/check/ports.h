// Ports of 127.0.0.1 for servers that are started, stopped and started again.
#pragma once

#include <cstdint>

namespace lastcall::check {

/// A port that nobody is given as the source of a connection, so that it stays free while nobody listens on
/// it; 0 if there is none. Another one each time, whatever the seed of a check: two checks of one seed at one
/// time must not meet.
[[nodiscard]] std::uint16_t lasting_port();

}  // namespace lastcall::check
