#include "check_progress.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/signal_name.h"
#include "surroundings.h"
#include "sys/sys.h"

namespace lastcall {
namespace {

constexpr int kStderr = 2;
constexpr std::size_t kUsualWidth = 100;

/// 1 204
std::string grouped(std::uint64_t number) {
  std::string text = std::to_string(number);
  for (std::size_t at = text.size(); at > 3; at -= 3) {
    text.insert(at - 3, " ");
  }
  return text;
}

std::string in_flight(const check::Progress& progress) {
  std::string text;
  for (const auto& [kind, count] : progress.in_flight) {
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", count, judge::to_string(kind));
  }
  return text.empty() ? "nothing in flight" : text + " in flight";
}

std::string trial(const check::Progress& progress) {
  return fmt::format("trial {}/{}", progress.trial, progress.trials);
}

std::string describe(const check::Progress& progress) {
  if (!progress.serving) {
    return trial(progress) + "  waiting for the server";
  }
  const std::string counts =
      fmt::format("{} answered  {} lost", grouped(progress.answered), grouped(progress.lost));
  if (!progress.since_signal) {
    return fmt::format("{}  loading  {}  {}", trial(progress), counts, in_flight(progress));
  }
  return fmt::format("{}  +{:.1f} s after {}  {}  {}", trial(progress), to_seconds(*progress.since_signal),
                     signal_name(progress.signal), counts, in_flight(progress));
}

}  // namespace

CheckProgress::CheckProgress() : live_(can_redraw_stderr()) {}

CheckProgress::~CheckProgress() {
  clear();
}

void CheckProgress::show(const check::Progress& progress) {
  if (live_) {
    show_live(progress);
  } else {
    show_begin(progress);
  }
}

void CheckProgress::show_live(const check::Progress& progress) {
  const int width = sys::terminal_width(kStderr);
  const std::size_t columns = width > 0 ? static_cast<std::size_t>(width) : kUsualWidth;
  // A line that wraps could not be taken back.
  sys::write_all(kStderr, "\r\033[K" + describe(progress).substr(0, columns - 1));
  shown_ = true;
}

void CheckProgress::show_begin(const check::Progress& progress) {
  const char* doing = "waiting for the server";
  if (progress.since_signal) {
    doing = "signalled";
  } else if (progress.serving) {
    doing = "loading";
  }
  std::string line = fmt::format("{}: {}", trial(progress), doing);
  if (line == said_) {
    return;
  }
  said_ = std::move(line);
  const std::string with = progress.since_signal
                               ? fmt::format(" by {}, {}", signal_name(progress.signal), in_flight(progress))
                               : std::string();
  sys::write_all(kStderr, said_ + with + "\n");
}

void CheckProgress::clear() {
  if (shown_) {
    sys::write_all(kStderr, "\r\033[K");
    shown_ = false;
  }
}

}  // namespace lastcall
