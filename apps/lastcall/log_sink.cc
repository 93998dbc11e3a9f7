#include "log_sink.h"

#include "sys/sys.h"

namespace lastcall {
namespace {

constexpr int kStderr = 2;

}  // namespace

// A pipe that takes bytes at all takes a whole line at once (POSIX: PIPE_BUF, which is Logger::kMaxLine).
void LogSink::write(std::string_view line) {
  const Duration patience = stopped_ ? Duration::zero() : kPatience;
  stopped_ = sys::poll_one(kStderr, sys::kWritable, -1, patience) == 0;
  if (stopped_) {
    ++lost_;
    return;
  }
  if (lost_ != 0) {
    tell_lost(lost_.exchange(0));
  }
  put(line);
}

void LogSink::tell_lost(std::uint64_t lines) const {
  const log::Logger own(
      log::Level::warn, format_, [this](std::string_view line) { put(line); }, sys::wall_clock_ms);
  own.warn("log_lost", {{"lines", lines}, {"hint", "nobody read standard error for a while"}});
}

void LogSink::put(std::string_view line) const {
  sys::write_all(kStderr, before_line_ + std::string(line));
}

}  // namespace lastcall
