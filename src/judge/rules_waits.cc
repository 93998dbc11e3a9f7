// LC105: no wait is longer than its reason.
#include <algorithm>
#include <utility>

#include "judge/rules.h"
#include "judge/words.h"

namespace lastcall::judge {

namespace {

/// Of the first refused connect, which comes up to a few intervals of the load after the close.
constexpr Duration kSlack = 500ms;
constexpr Duration kLeastStop = 1s;
constexpr Duration kLongestStop = 10s;
/// So many trials show whether the waits after the last client are the server's own clockwork.
constexpr std::size_t kTrialsForSpread = 8;
constexpr Duration kSpread = 50ms;

/// When the last client's work or connection ended, or the listener closed if that was later.
Time last_client(const Scene& scene) {
  Time last = scene.closed;
  for (const Seen& seen : scene.seen) {
    if (seen.what->outcome != Outcome::refused && seen.what->started < scene.over) {
      last = std::max(last, seen.what->ended);
    }
  }
  for (const Departure& one : scene.trial->departures) {
    last = std::max(last, one.at);
  }
  return std::min(last, scene.over);
}

Duration quartile_range(std::vector<Duration> all) {
  std::ranges::sort(all);
  return all[all.size() * 3 / 4] - all[all.size() / 4];
}

}  // namespace

Part look_at_waits(const Scene& scene) {
  if (scene.trial->process.killed || !scene.trial->process.exited) {
    return inconclusive("it did not exit by itself");
  }
  Part part;
  part.measured = scene.over - last_client(scene);
  const Duration stop = std::max(kLeastStop, std::min(kLongestStop, scene.profile->grace / 3));
  const Duration open = scene.closed - scene.t0;
  if (open > scene.profile->longest_lame_duck() + kSlack) {
    part.summary = "it kept its listener open for " + told(open) + " after the signal; " +
                   told(scene.profile->longest_lame_duck()) + " is enough for traffic to move elsewhere";
    part.fails(scene, scene.closed,
               scene.listener_closed() ? "listener closed" : "exit with the listener open");
  } else if (*part.measured > stop) {
    part.summary = "it waited " + told(*part.measured) + " before it exited, though nobody was left";
    part.fails(scene, last_client(scene), "the last client was gone");
  }
  return part;
}

void conclude_waits(Part& total) {
  if (total.status == Status::passed) {
    total.summary = "it exited " + told(total.measured.value_or(0s)) + " or less after its last client";
  }
}

void compare_waits(std::span<const Part> parts, Part& total) {
  std::vector<Duration> waits;
  for (const Part& part : parts) {
    if (part.status == Status::passed) {
      waits.push_back(part.measured.value_or(0s));
    }
  }
  if (waits.size() < kTrialsForSpread && total.status == Status::passed) {
    total.summary += " (whether it polls shows from " + std::to_string(kTrialsForSpread) + " trials on)";
  }
  if (waits.size() < kTrialsForSpread) {
    return;
  }
  const Duration spread = quartile_range(std::move(waits));
  if (spread > kSpread) {
    total.status = Status::failed;
    total.summary = "it polls: from its last client to its exit the times differ by " + told(spread) +
                    " (between the quartiles)";
  }
}

}  // namespace lastcall::judge
