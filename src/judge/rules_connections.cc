// LC203 and LC204: kept connections: whether their clients are told to leave, and whether unused ones are let
// go without harm.
#include <algorithm>
#include <cerrno>
#include <utility>

#include "judge/rules.h"
#include "judge/words.h"

namespace lastcall::judge {

namespace {

/// A head may have been written so long before it was seen.
constexpr Duration kUnderWay = 50ms;
/// Whoever used a connection so shortly before may be about to use it again.
constexpr Duration kInUse = 1s;

constexpr const char* kUntold = "answered without Connection: close";
constexpr const char* kLeft = "closed in mid-use without a word";
constexpr const char* kLost = "closed under a request";
constexpr const char* kDestroyed = "reset within the response";

bool is_told(const Observation& one) {
  return one.told_to_leave && one.answered != Time::max();
}

/// The kinds whose every response is the only one under way on a connection that they did not ask to close.
bool may_be_told(Kind kind) {
  return asks(kind) && kind != Kind::fresh && kind != Kind::pipelined;
}

/// From here on each response must tell its client to leave: the listener has closed, or the first has told.
/// Who was told before the signal already says nothing about the shutdown.
Time must_tell_from(const Scene& scene) {
  Time announced = Time::max();
  for (const Observation& one : scene.trial->observations) {
    if (one.flow >= scene.trial->flows.size() || !may_be_told(scene.flow(one).kind) || !is_told(one)) {
      continue;
    }
    if (one.answered < scene.t0) {
      return scene.closed;
    }
    announced = std::min(announced, one.answered);
  }
  return std::min(announced, scene.closed);
}

void look_at_responses(const Scene& scene, Part& part) {
  const Time from = must_tell_from(scene);
  for (const Seen& seen : scene.seen) {
    const Observation& one = *seen.what;
    const bool answered = one.status != 0 && one.answered >= scene.t0 && one.answered <= scene.over;
    const bool due = one.told_to_leave || (one.answered > from + kUnderWay && one.status != 503);
    if (!may_be_told(seen.kind) || !answered || !due) {
      continue;
    }
    ++part.tried;
    if (!one.told_to_leave) {
      part.breaks(scene, one.answered, kUntold,
                  std::string(to_string(seen.kind)) + " " + scene.flow(one).path + ": " + kUntold);
    }
  }
}

void look_at_losses(const Scene& scene, Part& part) {
  for (const Seen& seen : scene.seen) {
    if (seen.blame != Blame::mid_use && seen.blame != Blame::response) {
      continue;
    }
    ++part.tried;
    part.breaks(scene, seen.what->ended, seen.blame == Blame::mid_use ? kLost : kDestroyed,
                told(*seen.what, scene.flow(*seen.what)));
  }
}

bool was_closed(const Scene& scene, const Departure& one) {
  return one.flow < scene.trial->flows.size() && scene.trial->flows[one.flow].kind == Kind::keep_alive &&
         one.at >= scene.t0 && !scene.killed_by(one.at);
}

bool is_in_mid_use(const Departure& one) {
  return !one.told_to_leave && one.at - one.last_used < kInUse;
}

void look_at_departures(const Scene& scene, Part& part) {
  for (const Departure& one : scene.trial->departures) {
    if (!was_closed(scene, one) || scene.near_cut(one.at)) {
      continue;
    }
    ++part.tried;
    if (is_in_mid_use(one)) {
      part.breaks(scene, one.at, kLeft,
                  "keep-alive: closed by " + (one.error == 0 ? std::string("FIN") : errno_name(one.error)) +
                      " " + told(one.at - one.last_used) + " after its last response, which did not say so");
    }
  }
}

bool some_went_down_with_work(const Scene& scene) {
  const bool some_lost = std::ranges::any_of(scene.seen, [](const Seen& seen) {
    return seen.otherwise == Blame::mid_use || seen.otherwise == Blame::response;
  });
  return some_lost || std::ranges::any_of(scene.trial->departures, [&](const Departure& one) {
           return was_closed(scene, one) && is_in_mid_use(one) && scene.near_cut(one.at);
         });
}

struct Waiting {
  std::uint64_t unused = 0;
  std::uint64_t heads = 0;
};

/// Open at the signal.
Waiting waiting(const Scene& scene) {
  Waiting count;
  for (const Seen& seen : scene.seen) {
    const bool open = seen.what->started <= scene.t0 && seen.what->outcome != Outcome::refused;
    count.unused += open && (seen.kind == Kind::idle || seen.kind == Kind::silent) ? 1U : 0U;
    count.heads += open && seen.kind == Kind::half_head ? 1U : 0U;
  }
  return count;
}

}  // namespace

Part look_at_farewell(const Scene& scene) {
  Part part;
  look_at_responses(scene, part);
  look_at_losses(scene, part);
  look_at_departures(scene, part);
  return unless_with_work(unless_usual(std::move(part), scene, {Blame::mid_use, Blame::response}),
                          some_went_down_with_work(scene));
}

void conclude_farewell(Part& total) {
  if (total.broken > 0) {
    total.summary = counted(total.broken, "kept connection") + " " + (total.broken == 1 ? "was" : "were") +
                    " not told to leave, or harmed: " + told(total.how);
    return;
  }
  if (total.tried == 0) {
    total.status = Status::inconclusive;
    total.summary = "no busy keep-alive connection was answered or closed by the shutdown alone";
    return;
  }
  total.summary = "busy keep-alive connections were told to leave before they were closed";
}

Part look_at_idle(const Scene& scene) {
  Part part;
  const Waiting open = waiting(scene);
  part.tried = open.unused + open.heads;
  for (const Seen& seen : scene.seen) {
    if (seen.blame != Blame::rest && seen.blame != Blame::head) {
      continue;
    }
    part.breaks(scene, seen.what->ended,
                seen.blame == Blame::rest ? "ended by a reset" : "dropped with a half-sent request",
                told(*seen.what, scene.flow(*seen.what)));
  }
  if (scene.held) {
    part.breaks(
        scene, scene.over, "kept the exit waiting",
        "idle, silent or half-sent connections alone had kept it from ending for " + told(*scene.held));
    part.summary = "it waited " + told(*scene.held) + " for unused connections to end, with no work left";
  }
  part.tried = std::max(part.tried, part.broken);
  return unless_with_work(
      unless_usual(std::move(part), scene, {Blame::head}),
      std::ranges::any_of(scene.seen, [](const Seen& seen) { return seen.otherwise == Blame::head; }));
}

void conclude_idle(Part& total) {
  if (total.broken > 0 && total.summary.empty()) {
    total.summary = counted(total.broken, "unused connection") + " of " + std::to_string(total.tried) +
                    " ended badly: " + told(total.how);
  } else if (total.tried == 0) {
    total.status = Status::inconclusive;
    total.summary = "no idle, silent or half-sent connection was open at the signal";
  } else if (total.broken == 0) {
    total.summary = "all " + counted(total.tried, "idle, silent or half-sent connection") +
                    " ended well and held nothing up";
  }
}

}  // namespace lastcall::judge
