// Service: a program that the demo has started, its output in a file. Whatever becomes of the demo, the
// program and all its descendants end with it. One thread, the loop's.
#pragma once

#include <sys/types.h>

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "net/loop.h"
#include "sys/sys.h"

namespace lastcall::demo {

using Environment = std::map<std::string, std::string, std::less<>>;

class Service final : public net::Handler {
 public:
  explicit Service(net::Loop& loop) : loop_(loop) {}

  /// Once. Error: as sys::spawn.
  Result<void> start(const std::vector<std::string>& argv, const Environment& environment,
                     const std::string& log);

  void signal(int number);

  /// Signals everything below the program but not the program itself.
  void signal_descendants(int number);

  /// Kills what is left.
  void end();

  [[nodiscard]] const std::optional<sys::ExitStatus>& exited() const { return exited_; }

  /// Nothing of it is left: after end(), or because it never started.
  [[nodiscard]] bool gone() const { return !child_.link; }

  void on_events(std::uint32_t events) override;

 private:
  net::Loop& loop_;
  sys::Spawned child_;
  std::optional<sys::ExitStatus> exited_;
};

}  // namespace lastcall::demo
