#include "wrapper/progress.h"

#include <algorithm>
#include <cmath>

#include "report/in_flight_text.h"
#include "sys/sys.h"

namespace lastcall::wrapper {
namespace {

constexpr std::string_view kEraseLine = "\r\x1b[K";

}  // namespace

std::string progress_line(drain::Phase phase, const drain::InFlight& in_flight, Duration left,
                          std::size_t columns) {
  std::string name(drain::to_string(phase));
  std::ranges::replace(name, '_', ' ');
  const auto seconds = std::lround(std::max(0.0, to_seconds(left)));
  std::string line =
      name + ": " + report::in_flight_text(in_flight) + "; " + std::to_string(seconds) + " s left";
  line.resize(std::min(line.size(), columns));
  return line;
}

Progress::~Progress() {
  erase();
}

void Progress::draw(drain::Phase phase, const drain::InFlight& in_flight, Duration left) {
  if (fd_ < 0) {
    return;
  }
  constexpr int kUsualWidth = 80;
  const int width = sys::terminal_width(fd_);
  const auto columns = static_cast<std::size_t>(width > 0 ? width : kUsualWidth) - 1;
  // The cursor goes back to the start, so that a line from elsewhere covers this one.
  const std::string line = std::string(kEraseLine) + progress_line(phase, in_flight, left, columns) + "\r";
  sys::write_all(fd_, line);
  drawn_ = true;
}

void Progress::erase() {
  if (drawn_) {
    sys::write_all(fd_, kEraseLine);
    drawn_ = false;
  }
}

}  // namespace lastcall::wrapper
