// RunConfig: everything that `lastcall run` can be told, as one plain value, read once at start and never
// changed. Addresses are still text: turning them into sockets is for higher floors. Nothing here has a
// default of its own: the option table (config/options.h) holds them all.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"

namespace lastcall::config {

enum class ControlSocket : std::uint8_t { automatic, off, asked };

enum class SignalTarget : std::uint8_t { automatic, child, group };

/// What the drain does with what would outlast it.
enum class StreamPolicy : std::uint8_t { close, finish, cut };

struct StreamRule {
  std::string prefix;  ///< begins with '/'
  StreamPolicy policy;
};

enum class LogFormat : std::uint8_t { automatic, text, json };

enum class LogLevel : std::uint8_t { debug, info, warn, error };

/// Another tool whose variables and defaults `lastcall run` takes over.
enum class Compat : std::uint8_t { none, thruster };

struct ReadyCheck {
  enum class Kind : std::uint8_t { none, tcp, path, notify };

  Kind kind;
  std::string path;  ///< kind path only; begins with '/'
};

struct ErrorPage {
  int status;
  std::string file;
};

struct RunConfig {
  std::string listen;
  std::string admin;         ///< empty: no admin listener
  bool admin_asked = false;  ///< someone chose the address, so that another one will not do

  ControlSocket control{};
  std::string control_path;  ///< if asked

  std::string upstream;                   ///< empty: 127.0.0.1 at the app's port
  std::optional<std::uint16_t> app_port;  ///< nothing: a free one is found
  unsigned workers{};                     ///< 0: one for each core
  ReadyCheck ready_check{};
  Duration start_timeout{};               ///< 0: no limit
  std::string live_check;                 ///< empty: none; else begins with '/'
  std::vector<std::string> health_paths;  ///< each begins with '/'
  bool foreground = false;

  std::string platform;  ///< "auto", "none", "kubernetes", …
  std::optional<Duration> grace;
  std::optional<Duration> drain_timeout;
  bool drain_timeout_may_shrink = false;  ///< a shorter grace period cuts it, no error: one of the two was
                                          ///< not said to lastcall (HTTP_DRAIN_TIMEOUT, a platform's grace)
  std::optional<Duration> app_stop;
  Duration reserve{};
  Duration idle_grace{};
  Duration lame_duck_min{};  ///< min <= max and quiet <= max
  Duration lame_duck_quiet{};
  Duration lame_duck_max{};  ///< 0: no lame duck
  bool ready_while_delay = false;
  bool lame_duck_may_shrink = false;  ///< the platform's: a short drain cuts it

  std::optional<int> stop_signal;    ///< nothing: the one received
  std::optional<int> notify_signal;  ///< nothing: none
  SignalTarget signal_target{};
  std::map<int, int> remap_exit;  ///< from the app's own status to ours

  std::vector<StreamRule> stream_rules;
  Duration ws_grace{};
  std::uint16_t ws_close_code{};  ///< one that a server may send
  std::string ws_close_reason;    ///< at most 123 bytes of UTF-8

  Duration idle_timeout{};
  Duration header_timeout{};
  std::uint64_t min_body_rate{};  ///< bytes per second; 0: no limit
  Duration send_timeout{};        ///< 0: no limit
  Duration upstream_timeout{};    ///< 0: no limit
  std::uint64_t max_head{};
  std::uint64_t max_headers{};
  std::uint64_t max_body{};   ///< 0: no limit
  std::uint64_t max_conns{};  ///< 0: from the limit of open files
  bool forward_headers{};
  std::uint64_t buffer_request{};   ///< 0: none
  std::uint64_t buffer_response{};  ///< 0: none
  std::vector<ErrorPage> error_pages;

  std::string report;  ///< empty: no file
  LogFormat log_format{};
  LogLevel log_level{};
  bool access_log = false;

  std::string config_file;  ///< empty: none
  Compat compat{};
  bool dry_run = false;
};

}  // namespace lastcall::config
