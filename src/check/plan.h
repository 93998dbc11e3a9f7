// Plan: everything that a check is to do, addresses parsed and choices made. Data only; it is the same for
// each trial of a check, whatever runs it.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "check/server_process.h"
#include "sys/address.h"

namespace lastcall::check {

/// A health endpoint.
struct Place {
  sys::Address target;  ///< port 0: the server's own
  std::string host;
  std::string path;
};

struct Plan {
  Command command{};                            ///< without argv: the server runs already
  pid_t pid = 0;                                ///< of one that runs already
  sys::Address target = sys::loopback_ipv4(0);  ///< port 0: one that is free, for each trial
  std::string host = "localhost";               ///< of every request
  std::string path = "/";                       ///< of most requests; it must be answered well
  std::string slow_path{};                      ///< this and the next: empty if the work is not tried
  std::string upload_path{};
  std::string download_path{};
  std::string websocket_path{};
  std::string event_stream_path{};
  std::optional<Place> readiness{};
  std::optional<Place> liveness{};
  std::vector<std::string> headers{};  ///< of every request, "Name: value"
  double rate = 200;                   ///< of the requests on new connections; the others go by it
  Duration duration = 1s;              ///< of load before the signal, at least
  Duration start_timeout = 30s;        ///< 0: no limit
  int signal = 15;
  bool signal_below = false;  ///< to what the server has started, not to the server itself
  bool repeat_signal = true;  ///< in the last trial of several, if it is none that forces then
  Duration grace = 30s;       ///< then a server of ours is killed
  std::uint32_t trials = 1;
  std::uint64_t seed = 1;

  [[nodiscard]] bool starts_server() const { return !command.argv.empty(); }
};

}  // namespace lastcall::check
