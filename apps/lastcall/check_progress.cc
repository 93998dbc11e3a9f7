#include "check_progress.h"

#include <fmt/format.h>

#include "base/signal_name.h"

namespace lastcall {
namespace {

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

/// What has begun.
std::string begun(const check::Progress& progress) {
  if (progress.since_signal) {
    return trial(progress) + ": signalled";
  }
  return fmt::format("{}: {}", trial(progress), progress.serving ? "loading" : "waiting for the server");
}

}  // namespace

void CheckProgress::show(const check::Progress& progress) {
  const std::string before = title_.empty() ? "" : title_ + ": ";
  const std::string detail =
      progress.since_signal ? fmt::format(" by {}, {}", signal_name(progress.signal), in_flight(progress))
                            : "";
  line_.show(before + describe(progress), before + begun(progress), detail);
}

}  // namespace lastcall
