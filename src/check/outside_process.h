// OutsideProcess: a server that somebody else started. It can be signalled and its end is noticed; its exit
// status is its parent's, and whatever happens it is never killed. One thread, the loop's.
#pragma once

#include <sys/types.h>

#include "base/result.h"
#include "base/time.h"
#include "net/loop.h"
#include "sys/sys.h"

namespace lastcall::check {

class OutsideProcess final : public net::Handler {
 public:
  explicit OutsideProcess(net::Loop& loop) : loop_(loop) {}

  ~OutsideProcess() override;
  OutsideProcess(const OutsideProcess&) = delete;
  OutsideProcess& operator=(const OutsideProcess&) = delete;

  /// Once. Error: status 2; there is no such process, or it must not be signalled.
  Result<void> attach(pid_t pid);

  void signal(int number);

  [[nodiscard]] bool exited() const { return exited_at_ != Time::max(); }

  [[nodiscard]] Time exited_at() const { return exited_at_; }

  void on_events(std::uint32_t events) override;

 private:
  net::Loop& loop_;
  sys::UniqueFd process_;
  Time exited_at_ = Time::max();
};

}  // namespace lastcall::check
