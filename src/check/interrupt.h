// Interrupt: tells its owner that somebody wants us to stop: Ctrl-C, a closed terminal, SIGTERM. main has
// blocked the signals. One thread, the loop's.
#pragma once

#include <functional>

#include "net/loop.h"
#include "sys/sys.h"

namespace lastcall::check {

class Interrupt final : public net::Handler {
 public:
  Interrupt(net::Loop& loop, std::function<void()> interrupted);
  ~Interrupt() override;
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;

  void on_events(std::uint32_t events) override;

 private:
  net::Loop& loop_;
  const std::function<void()> interrupted_;
  sys::UniqueFd fd_;
};

/// What becomes of a command that was interrupted: status 130.
[[nodiscard]] Error interrupted_error();

}  // namespace lastcall::check
