#include "judge/scene.h"

#include <algorithm>

#include "base/assert.h"
#include "judge/attribution.h"

namespace lastcall::judge {

namespace {

constexpr Duration kTogether = 50ms;
/// Without any request for so long, no client was being served.
constexpr Duration kQuiet = 500ms;

/// The first instant from which no new client was let in.
Time find_closed(const Trial& trial, Time t0, Time over) {
  Time closed = over;
  for (const Observation& one : trial.observations) {
    if (one.outcome == Outcome::refused && one.started >= t0 && one.flow < trial.flows.size() &&
        trial.flows[one.flow].kind == Kind::fresh) {
      closed = std::min(closed, one.started);
    }
  }
  return closed;
}

Time find_over(const Trial& trial) {
  const Time t0 = trial.signalled();
  if (trial.process.killed) {
    return t0 + trial.grace;
  }
  if (trial.process.exited) {
    return std::max(t0, *trial.process.exited);
  }
  Time last = std::max(t0, trial.load_ended);
  for (const Observation& one : trial.observations) {
    last = std::max(last, one.ended);
  }
  return last;
}

bool is_waiting(Kind kind) {
  return kind == Kind::idle || kind == Kind::silent || kind == Kind::half_head;
}

/// When the last connections of each sort were gone.
struct LastEnds {
  Time work;       ///< and streams
  Time streaming;  ///< WebSockets and event streams
  Time waiting;    ///< idle, silent, half-headed
  Time asking;
};

LastEnds last_ends(const Scene& scene) {
  LastEnds last{.work = scene.closed, .streaming = scene.t0, .waiting = scene.t0, .asking = scene.closed};
  for (const Seen& seen : scene.seen) {
    if (seen.what->outcome == Outcome::refused || seen.what->started > scene.over) {
      continue;
    }
    const Time ended = std::min(seen.what->ended, scene.over);
    Time& of_kind = is_waiting(seen.kind) ? last.waiting : asks(seen.kind) ? last.asking : last.streaming;
    of_kind = std::max(of_kind, ended);
  }
  for (const Departure& one : scene.trial->departures) {
    if (one.flow < scene.trial->flows.size() && asks(scene.trial->flows[one.flow].kind)) {
      last.asking = std::max(last.asking, std::min(one.at, scene.over));
    }
  }
  last.work = std::max(last.asking, last.streaming);
  return last;
}

void find_holds(Scene& scene) {
  const LastEnds last = last_ends(scene);
  const bool killed = scene.trial->process.killed;
  if (!killed && !scene.trial->process.exited) {
    return;
  }
  if (last.waiting - last.work > longest_idle_hold(*scene.profile)) {
    scene.held = last.waiting - last.work;
  }
  scene.held_by_rests =
      killed && last.asking < scene.over - kQuiet && (scene.held || last.streaming == scene.over);
}

/// What a flow did before the signal is no sign that the signal was heard.
class Signs {
 public:
  explicit Signs(const Scene& scene) : scene_(scene), before_(scene.trial->flows.size()) {
    for (const Observation& one : scene.trial->observations) {
      if (one.flow < before_.size() && one.ended < scene.t0) {
        note(before_[one.flow], one);
      }
    }
    for (const Departure& one : scene.trial->departures) {
      if (one.flow < before_.size() && one.at < scene.t0) {
        before_[one.flow].departed = true;
      }
    }
    for (const Probe& probe : scene.trial->readiness) {
      red_before_ = red_before_ || (probe.answered < scene.t0 && probe.status / 100 != 2);
    }
  }

  /// Nothing differed from before, and it served to the end.
  [[nodiscard]] bool none() const {
    const bool none_of_clients =
        std::ranges::none_of(scene_.seen, [&](const Seen& seen) { return shows(seen); });
    return none_of_clients && still_serving() && none_of_departures() && none_of_probes();
  }

 private:
  struct Habits {
    bool told = false;
    bool ended = false;
    bool lost = false;
    bool departed = false;
  };

  static void note(Habits& habits, const Observation& one) {
    habits.told = habits.told || one.told_to_leave;
    habits.ended = true;
    habits.lost = habits.lost || is_cut(one) || one.status == 503;
  }

  [[nodiscard]] bool shows(const Seen& seen) const {
    const Observation& one = *seen.what;
    if (scene_.killed_by(one.ended)) {
      return false;
    }
    const Habits& before = before_[one.flow];
    const bool told = one.told_to_leave && seen.kind != Kind::fresh && !before.told;
    // What still rests when the watch is over leaves by itself.
    const bool sent_away = rests(seen.kind) && !before.ended && one.ended < scene_.trial->load_ended;
    const bool lost = (is_cut(one) || one.status == 503) && !before.lost;
    return (one.outcome == Outcome::refused && seen.kind == Kind::fresh) || told || sent_away || lost;
  }

  [[nodiscard]] bool still_serving() const {
    const Time half = scene_.t0 + scene_.trial->grace / 2;
    return std::ranges::any_of(scene_.seen, [&](const Seen& seen) {
      return asks(seen.kind) && seen.what->outcome == Outcome::ok && seen.what->started >= half;
    });
  }

  [[nodiscard]] bool none_of_departures() const {
    return std::ranges::none_of(scene_.trial->departures, [&](const Departure& one) {
      return one.flow < before_.size() && one.at >= scene_.t0 && !scene_.killed_by(one.at) &&
             !before_[one.flow].departed;
    });
  }

  [[nodiscard]] bool none_of_probes() const {
    return red_before_ || std::ranges::none_of(scene_.trial->readiness, [&](const Probe& probe) {
             return probe.asked >= scene_.t0 && !scene_.killed_by(probe.answered) && probe.status / 100 != 2;
           });
  }

  const Scene& scene_;
  std::vector<Habits> before_;
  bool red_before_ = false;
};

}  // namespace

bool Scene::near_cut(Time instant) const {
  const auto next = std::ranges::lower_bound(cuts, instant - kTogether);
  return next != cuts.end() && *next <= instant + kTogether;
}

Duration longest_idle_hold(const Profile& profile) {
  return std::min(std::max<Duration>(5s, profile.grace / 4), profile.grace / 2);
}

Scene make_scene(const Trial& trial, const Profile& profile) {
  LASTCALL_ASSERT(!trial.signals.empty());
  Scene scene{.trial = &trial, .profile = &profile, .t0 = trial.signalled(), .over = find_over(trial)};
  scene.closed = find_closed(trial, scene.t0, scene.over);
  scene.cut_allowed = scene.t0 + profile.drain_budget();
  scene.disturbed = disturbed(trial);
  for (const Observation& one : trial.observations) {
    if (one.flow < trial.flows.size() && one.outcome != Outcome::unsent && one.ended >= scene.t0) {
      scene.seen.push_back({.what = &one, .kind = trial.flows[one.flow].kind});
    }
  }
  find_holds(scene);
  scene.ignored = !trial.process.exited && Signs(scene).none();
  attribute(scene);
  return scene;
}

}  // namespace lastcall::judge
