// What a service manager such as systemd has left for us in the environment: where it is told how we are
// (sd_notify(3)), how often (sd_watchdog_enabled(3)), and the sockets that it listens on for us
// (sd_listen_fds(3)).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "config/resolve.h"
#include "sys/address.h"
#include "sys/fd.h"
#include "wrapper/service_manager.h"

namespace lastcall {

/// Nothing if it is not told in a way that we know.
[[nodiscard]] wrapper::ServiceManager::Settings service_manager(const config::Environment& environment);

/// A listening socket that somebody else opened, and may keep open when we are gone.
struct PassedSocket {
  sys::UniqueFd fd;
  sys::Address address;
};

struct PassedSockets {
  std::optional<PassedSocket> http;  ///< the one that is not called admin
  std::optional<PassedSocket> admin;
};

/// Takes what was passed to us, and only to us. Error: status 2, two for one purpose, or no listening
/// sockets.
[[nodiscard]] Result<PassedSockets> take_passed_sockets(const config::Environment& environment);

/// None of this is the app's: it would answer in our place.
[[nodiscard]] bool is_for_us_alone(std::string_view variable);

}  // namespace lastcall
