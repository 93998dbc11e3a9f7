// AppNotices: a NOTIFY_SOCKET of the app's own, by which it says that it is ready, or that it stops
// (sd_notify(3)). Whatever else it says ends here: the main process that the service manager knows is us.
// Control thread.
#pragma once

#include <functional>
#include <string>

#include "base/result.h"
#include "net/loop.h"
#include "sys/sys.h"
#include "wrapper/child.h"

namespace lastcall::wrapper {

class AppNotices final : public net::Handler {
 public:
  class Observer {
   public:
    virtual ~Observer() = default;
    virtual void app_says_ready() = 0;
    virtual void app_says_stopping() = 0;
  };

  AppNotices(net::Loop& loop, const Child& app, Observer& observer)
      : loop_(loop), app_(app), observer_(observer) {}

  ~AppNotices() override;
  AppNotices(const AppNotices&) = delete;
  AppNotices& operator=(const AppNotices&) = delete;

  /// Listens from now on. Error: 125.
  Result<void> open();

  /// What the app finds in its environment: "@00a1f".
  [[nodiscard]] std::string name() const { return sys::local_address(fd_.get()).path; }

  void on_events(std::uint32_t events) override;

 private:
  void read(std::string_view notice);

  net::Loop& loop_;
  const Child& app_;
  Observer& observer_;
  sys::UniqueFd fd_;
};

}  // namespace lastcall::wrapper
