#include "live_line.h"

#include "surroundings.h"
#include "sys/sys.h"

namespace lastcall {
namespace {

constexpr int kStderr = 2;
constexpr int kUsualWidth = 100;

}  // namespace

LiveLine::LiveLine() : live_(can_redraw_stderr()) {}

LiveLine::~LiveLine() {
  clear();
}

void LiveLine::show(const std::string& live, const std::string& begun, const std::string& detail) {
  if (live_) {
    const int width = sys::terminal_width(kStderr);
    // A line that wraps could not be taken back.
    const auto columns = static_cast<std::size_t>((width > 1 ? width : kUsualWidth) - 1);
    sys::write_all(kStderr, "\r\033[K" + live.substr(0, columns));
    shown_ = true;
  } else if (begun != said_) {
    said_ = begun;
    sys::write_all(kStderr, begun + detail + "\n");
  }
}

void LiveLine::clear() {
  if (shown_) {
    sys::write_all(kStderr, "\r\033[K");
    shown_ = false;
  }
}

}  // namespace lastcall
