// Progress: one live line on a terminal while a shutdown is under way: its phase, what is in flight, the time
// left. Not a log: it is redrawn in place and leaves nothing behind. Control thread.
#pragma once

#include <string>

#include "base/time.h"
#include "drain/phase.h"
#include "drain/report.h"

namespace lastcall::wrapper {

class Progress {
 public:
  /// `fd`: the terminal; negative: draws nothing.
  explicit Progress(int fd) : fd_(fd) {}

  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void draw(drain::Phase phase, const drain::InFlight& in_flight, Duration left);
  void erase();

  [[nodiscard]] bool enabled() const { return fd_ >= 0; }

  static constexpr Duration kInterval = 200ms;

 private:
  int fd_;
  bool drawn_ = false;
};

/// "draining: 17 requests (3 uploads, 4 downloads), 2 tunnels, 20 idle; 28 s left", at most `columns` long.
[[nodiscard]] std::string progress_line(drain::Phase phase, const drain::InFlight& in_flight, Duration left,
                                        std::size_t columns);

}  // namespace lastcall::wrapper
