// Where the control socket is: made private and out of the way of every other lastcall on this machine, and
// found again by those who ask. One file for each process, in a folder that only its user can enter.
#pragma once

#include <string>

#include "base/result.h"
#include "config/run_config.h"
#include "sys/sys.h"

namespace lastcall {

struct ControlListener {
  sys::UniqueFd fd{};  ///< none if it is off, or could not be had where nobody asked for it
  std::string path{};
  std::string why_not{};  ///< it could not be had
};

/// Error: the path that was asked for cannot be had.
[[nodiscard]] Result<ControlListener> open_control(const config::RunConfig& config);

/// Where the one that is meant listens: `asked`, or the only one that runs. Error: there is none, or several.
[[nodiscard]] Result<sys::Address> find_control(const std::string& asked);

}  // namespace lastcall
