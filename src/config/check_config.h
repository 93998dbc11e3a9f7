// CheckConfig: everything that `lastcall check` can be told, as one plain value, read once at start and never
// changed. Addresses and the profile's name are still text. Nothing here has a default of its own: the option
// table (config/check_options.cc) holds them all.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"

namespace lastcall::config {

enum class Colour : std::uint8_t { automatic, always, never };

struct CheckConfig {
  std::string url;         ///< empty: 127.0.0.1 at a free port
  std::optional<int> pid;  ///< of a server that runs already
  std::string path;
  Duration start_timeout{};
  std::vector<std::string> headers;  ///< "Name: value" each; the values may be secrets

  std::string slow_path;  ///< this and the next: empty if the work is not to be tried
  std::string upload_path;
  std::string download_path;
  std::string ws_path;
  std::string sse_path;
  std::string ready_path;  ///< a path, or ":PORT/…", or "http://…"; empty: not probed
  std::string live_path;

  std::string profile;            ///< empty: the record's, or the first there is
  std::optional<Duration> grace;  ///< nothing: the profile's
  int signal{};
  bool repeat_signal{};
  std::uint32_t trials{};
  double rate{};                      ///< requests per second
  Duration duration{};                ///< of load before the signal
  std::optional<std::uint64_t> seed;  ///< nothing: a random one

  bool compare{};      ///< with the same command under `lastcall run`
  std::string behind;  ///< "haproxy", "nginx", or empty: no rolling restart
  std::uint32_t replicas{};
  std::uint32_t restarts{};

  std::string json;  ///< this and the next: a file, "-" for stdout, or empty
  std::string junit;
  std::string html;
  std::string record;
  std::string replay;
  Colour colour{};
};

}  // namespace lastcall::config
