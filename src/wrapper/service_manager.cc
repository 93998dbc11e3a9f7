#include "wrapper/service_manager.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "sys/sys.h"

namespace lastcall::wrapper {

ServiceManager::ServiceManager(Settings settings, const log::Logger& logger)
    : settings_(std::move(settings)), logger_(logger) {
  if (listens() && settings_.watchdog > Duration::zero()) {
    watchdog_due_ = Time();
  }
}

void ServiceManager::ready() {
  set("READY", "1");
  set("STATUS", "serving");
}

void ServiceManager::stopping(Time end) {
  if (!listens()) {
    return;
  }
  set("STOPPING", "1");
  end_ = end;
  status_due_ = Time();
  extension_due_ = Time();
}

void ServiceManager::status(std::string_view text, Time now) {
  set("STATUS", text);
  status_due_ = now + kStatusInterval;
  extend(now);
}

void ServiceManager::extend(Time now) {
  if (now < extension_due_ || now >= end_) {
    return;
  }
  const Duration asked = std::min<Duration>(kExtension, end_ - now);
  set("EXTEND_TIMEOUT_USEC",
      std::to_string(std::chrono::duration_cast<std::chrono::microseconds>(asked).count()));
  extension_due_ = now + kExtension / 2;
}

void ServiceManager::alive(Time now) {
  set("WATCHDOG", "1");
  watchdog_due_ = now + settings_.watchdog / 2;
}

Time ServiceManager::tick(Time now) {
  if (!unsent_.empty() && now >= retry_at_) {
    send(now);
  }
  const Time retry = unsent_.empty() ? Time::max() : retry_at_;
  return std::min({retry, status_due_, watchdog_due_});
}

void ServiceManager::set(std::string_view key, std::string_view value) {
  if (listens()) {
    unsent_.insert_or_assign(std::string(key), std::string(value));
  }
}

void ServiceManager::send(Time now) {
  std::string message;
  for (const auto& [key, value] : unsent_) {
    message.append(key).append("=").append(value).append("\n");
  }
  const int error = sys::send_datagram(*settings_.socket, message);
  if (error == -EAGAIN) {
    retry_at_ = now + kRetryInterval;
    return;
  }
  unsent_.clear();
  if (error < 0 && !std::exchange(failed_, true)) {
    logger_.warn("notify_failed", {{"socket", settings_.socket->path}, {"error", std::strerror(-error)}});
  }
}

}  // namespace lastcall::wrapper
