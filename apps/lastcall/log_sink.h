// LogSink: where log lines go: to stderr, and nowhere while nobody reads that. A reader that has stopped (a
// pipe that is full, a paused terminal) must hold up neither requests nor a shutdown and its deadlines. What
// was left out is counted and told once there is room again. Any thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/time.h"
#include "log/logger.h"

namespace lastcall {

class LogSink {
 public:
  /// `before_line`: what each line begins with.
  LogSink(log::Format format, std::string before_line)
      : format_(format), before_line_(std::move(before_line)) {}

  void write(std::string_view line);

  /// How long one that has always read may take to go on; one that has stopped is not waited for.
  static constexpr Duration kPatience = 1s;

 private:
  void tell_lost(std::uint64_t lines) const;
  void put(std::string_view line) const;

  const log::Format format_;
  const std::string before_line_;
  std::atomic<bool> stopped_ = false;
  std::atomic<std::uint64_t> lost_ = 0;
};

}  // namespace lastcall
