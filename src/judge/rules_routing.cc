// LC103 and LC104: what those who route traffic see: the probes, and whether new connections are still taken.
#include <algorithm>

#include "judge/rules.h"
#include "judge/words.h"

namespace lastcall::judge {

namespace {

/// A probe asked later than this after the signal, and than our own client was late at most, must find the
/// server unready: what held us up on a busy machine held the server up too.
constexpr Duration kAtOnce = 100ms;
/// What listens on a port of its own may close it so shortly before the exit is seen: the kernel does that
/// itself, and on a busy machine some time before it tells.
constexpr Duration kClosing = 100ms;

bool good(const Probe& probe) {
  return probe.status / 100 == 2;
}

bool good_before(std::span<const Probe> probes, Time t0) {
  bool any = false;
  bool last = false;
  for (const Probe& probe : probes) {
    if (probe.answered <= t0) {
      any = true;
      last = good(probe);
    }
  }
  return any && last;
}

std::string answer(const Probe& probe) {
  return probe.status != 0 ? "answered " + std::to_string(probe.status)
                           : "no answer (" + errno_name(probe.error) + ")";
}

/// The first answer after the last green one.
std::optional<Time> turned_red(const Scene& scene) {
  std::optional<Time> red;
  for (const Probe& probe : scene.trial->readiness) {
    if (probe.asked < scene.t0 || good(probe)) {
      red.reset();
    } else if (!red) {
      red = probe.asked;
    }
  }
  return red;
}

void look_at_readiness(const Scene& scene, Part& part) {
  const Duration at_once = kAtOnce + lag(scene.trial->observations, scene.t0).max;
  std::uint64_t green = 0;
  bool red_seen = false;
  bool green_again = false;
  for (const Probe& probe : scene.trial->readiness) {
    if (probe.asked < scene.t0 + at_once || probe.asked > scene.over) {
      red_seen = red_seen || (probe.asked >= scene.t0 && !good(probe));
      continue;
    }
    green_again = green_again || (red_seen && good(probe));
    red_seen = red_seen || !good(probe);
    if (good(probe)) {
      ++green;
      part.fails(scene, probe.asked, "readiness " + answer(probe));
    }
  }
  if (green == 0) {
    part.summary = "readiness was red within " + told(at_once);
    return;
  }
  const std::optional<Time> red = turned_red(scene);
  const bool red_in_life = red && *red < scene.over - kClosing;
  part.summary = green_again   ? "readiness turned red and then green again"
                 : red_in_life ? "readiness turned red only " + told(*red - scene.t0) + " after the signal"
                               : "readiness stayed green to the end";
}

bool liveness_failed(const Scene& scene, const Probe& probe) {
  if (good(probe) || probe.asked < scene.t0 || probe.answered >= scene.over - kClosing) {
    return false;
  }
  return probe.status != 0 || scene.trial->liveness_apart;
}

void look_at_liveness(const Scene& scene, Part& part) {
  std::uint64_t failed = 0;
  const Probe* first = nullptr;
  for (const Probe& probe : scene.trial->liveness) {
    if (liveness_failed(scene, probe)) {
      first = first == nullptr ? &probe : first;
      ++failed;
      part.fails(scene, probe.answered, "liveness " + answer(probe));
    }
  }
  const std::string separator = part.summary.empty() ? "" : "; ";
  if (failed > 0) {
    part.summary += separator + "liveness failed " + told(first->answered - scene.t0) +
                    " after the signal, while it was still draining";
  } else {
    part.summary += separator + "liveness never failed";
  }
}

}  // namespace

Part look_at_probes(const Scene& scene) {
  const Trial& trial = *scene.trial;
  const bool ready = scene.profile->probed && !trial.readiness.empty();
  const bool live = !trial.liveness.empty();
  if (!ready && !live) {
    return skipped(scene.profile->probed
                       ? "no readiness or liveness path was given (--ready-path, --live-path)"
                       : "nobody probes readiness there, and no --live-path was given");
  }
  if (ready && !good_before(trial.readiness, scene.t0)) {
    return inconclusive("readiness was not green before the signal either");
  }
  if (live && !good_before(trial.liveness, scene.t0)) {
    return inconclusive("liveness was not good before the signal either");
  }
  Part part;
  if (ready) {
    look_at_readiness(scene, part);
  }
  if (live) {
    look_at_liveness(scene, part);
  }
  return part;
}

Part look_at_lame_duck(const Scene& scene) {
  const Duration routed = scene.profile->routed;
  if (routed == 0s) {
    return skipped("nothing is routed there after the signal (profile " + scene.profile->name + ")");
  }
  Part part;
  for (const Seen& seen : scene.seen) {
    const Observation& one = *seen.what;
    if (seen.kind != Kind::fresh || one.started < scene.t0 || one.started >= scene.t0 + routed) {
      continue;
    }
    ++part.tried;
    if (one.outcome == Outcome::refused) {
      part.breaks(scene, one.started, "", "new connection refused (" + errno_name(one.error) + ")");
    }
  }
  part.measured = routed;
  if (part.broken > 0) {
    part.summary = "new connections were refused from " + told(scene.closed - scene.t0) +
                   " after the signal on, but still come for " + told(routed);
  }
  return part;
}

void conclude_lame_duck(Part& total) {
  if (total.status == Status::failed) {
    return;
  }
  if (total.tried == 0) {
    total.status = Status::inconclusive;
    total.summary = "no new connection came after the signal";
    return;
  }
  total.summary = "all " + counted(total.tried, "new connection") + " of the first " +
                  told(total.measured.value_or(0s)) + " after the signal were taken";
}

}  // namespace lastcall::judge
