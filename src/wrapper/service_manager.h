// ServiceManager: what systemd, or whoever else gave us a NOTIFY_SOCKET, is told of this process
// (sd_notify(3)): ready, stopping, status, more time, alive. It decides nothing and waits for nothing; a
// message for which the manager has no room is kept, merged with the next, and sent later. Control thread.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "base/time.h"
#include "log/logger.h"
#include "sys/address.h"

namespace lastcall::wrapper {

class ServiceManager {
 public:
  struct Settings {
    std::optional<sys::Address> socket{};  ///< nothing: nobody is told
    Duration watchdog{};                   ///< longest silence before it kills us (WatchdogSec=); 0: any
  };

  ServiceManager(Settings settings, const log::Logger& logger);

  [[nodiscard]] bool listens() const { return settings_.socket.has_value(); }

  void ready();

  /// The shutdown has begun; it may last until `end`, whatever the manager's own limit is.
  void stopping(Time end);

  [[nodiscard]] bool wants_status(Time now) const { return listens() && now >= status_due_; }

  /// One line of UTF-8 for `systemctl status`. With it goes the request for more time, while there is any.
  void status(std::string_view text, Time now);

  [[nodiscard]] bool wants_sign_of_life(Time now) const { return listens() && now >= watchdog_due_; }

  void alive(Time now);

  /// Sends what is waiting to be sent. When to call again, Time::max() if nobody listens.
  [[nodiscard]] Time tick(Time now);

  static constexpr Duration kStatusInterval = 1s;
  static constexpr Duration kExtension = 10s;  ///< asked for anew when half of it is over
  static constexpr Duration kRetryInterval = 50ms;

 private:
  void set(std::string_view key, std::string_view value);
  void extend(Time now);
  void send(Time now);

  const Settings settings_;
  const log::Logger& logger_;
  std::map<std::string, std::string, std::less<>> unsent_;  ///< one entry for each key that there is
  bool failed_ = false;
  Time end_ = Time::max();
  Time status_due_ = Time::max();
  Time extension_due_ = Time::max();
  Time watchdog_due_ = Time::max();
  Time retry_at_{};
};

}  // namespace lastcall::wrapper
