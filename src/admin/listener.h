// Where the admin listener listens: what was asked for, or the default, which gives way if another lastcall
// has it.
#pragma once

#include <cstdint>

#include "base/result.h"
#include "sys/sys.h"

namespace lastcall::admin {

enum class Choice : std::uint8_t { asked, standard };

struct Listener {
  sys::UniqueFd fd;
  sys::Address address;  ///< where it listens now
  bool moved = false;    ///< the default was taken: a free port of the same host is used, worth one warning
};

/// Error: what was asked for cannot be had.
[[nodiscard]] Result<Listener> open_listener(const sys::Address& wanted, Choice choice);

}  // namespace lastcall::admin
