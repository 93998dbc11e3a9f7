// LC201, LC202 and LC208: new connections when the listener closes, requests in flight, and requests that
// come after it.
#include <algorithm>
#include <utility>

#include "judge/rules.h"
#include "judge/words.h"

namespace lastcall::judge {

namespace {

/// Who connects so shortly before the listener closes can meet the race.
constexpr Duration kRace = 1s;
/// So few chances prove nothing.
constexpr std::uint64_t kEnoughConnects = 20;
/// A response may have been under way when another was refused; later ones show that it could serve.
constexpr Duration kUnderWay = 50ms;

/// A slow request that is answered sooner was not in flight long enough to meet the shutdown.
constexpr Duration kSlow = 20ms;

bool counts_as_work(const Scene& scene, const Seen& seen) {
  const Observation& one = *seen.what;
  if (seen.blame == Blame::work || seen.blame == Blame::late) {
    return true;
  }
  const bool answered = one.outcome == Outcome::ok || one.status == 503 || seen.blame == Blame::response;
  return asks(seen.kind) && answered && one.started < scene.closed;
}

/// What makes it a trial of its kind.
bool meets_the_shutdown(const Scene& scene, const Seen& seen) {
  return seen.kind != Kind::slow || seen.what->ended >= scene.t0 + kSlow || seen.blame != Blame::nobody;
}

std::string how_cut(const Observation& one) {
  switch (one.outcome) {
    case Outcome::eof:
      return "closed";
    case Outcome::truncated:
      return "cut off within the response";
    case Outcome::server_error:
      return "answered " + std::to_string(one.status);
    case Outcome::timeout:
      return "never answered";
    default:
      return std::string(to_string(one.outcome));
  }
}

/// What shows that the server could still serve: work that began, or ended well, so late.
struct LastGood {
  Time started = Time::min();
  Time ended = Time::min();
};

LastGood last_good(const Scene& scene) {
  LastGood last;
  for (const Seen& seen : scene.seen) {
    if (asks(seen.kind) && seen.what->outcome == Outcome::ok) {
      last.started = std::max(last.started, seen.what->started);
      last.ended = std::max(last.ended, seen.what->ended);
    }
  }
  return last;
}

std::string wrong_with_503(const Observation& one, const LastGood& good) {
  if (!one.retry_after) {
    return "without Retry-After";
  }
  if (!one.told_to_leave) {
    return "without Connection: close";
  }
  const bool could_serve = good.started > one.ended || good.ended > one.ended + kUnderWay;
  return could_serve ? "while it still served others" : "";
}

bool had_503_before(const Scene& scene) {
  return std::ranges::any_of(scene.trial->observations, [&](const Observation& one) {
    return one.status == 503 && one.ended < scene.t0 && one.outcome != Outcome::unsent;
  });
}

}  // namespace

Part look_at_queue(const Scene& scene) {
  Part part;
  for (const Observation& one : scene.trial->observations) {
    const bool in_race = one.started >= scene.closed - kRace && one.started < scene.closed;
    const bool stood = one.flow < scene.trial->flows.size() && one.connected != Time::max() && !one.reused;
    part.tried += in_race && stood && scene.flow(one).kind == Kind::fresh ? 1U : 0U;
  }
  for (const Seen& seen : scene.seen) {
    if (seen.blame == Blame::queue) {
      part.breaks(scene, seen.what->ended, how_cut(*seen.what), told(*seen.what, scene.flow(*seen.what)));
    }
  }
  part.tried = std::max(part.tried, part.broken);
  return unless_with_work(
      unless_usual(std::move(part), scene, {Blame::queue}),
      std::ranges::any_of(scene.seen, [](const Seen& seen) { return seen.otherwise == Blame::queue; }));
}

void conclude_queue(Part& total) {
  if (total.broken > 0) {
    total.summary = std::to_string(total.broken) + " of " + counted(total.tried, "new connection") +
                    " that had connected " + (total.broken == 1 ? "was" : "were") + " dropped unserved (" +
                    told(total.how) + ")";
    return;
  }
  if (total.tried < kEnoughConnects) {
    total.status = Status::inconclusive;
    total.summary = "only " + counted(total.tried, "new connection") + " came in the last " + told(kRace) +
                    " before the listener closed: too few to tell";
    return;
  }
  total.summary =
      "each of the last " + counted(total.tried, "new connection") + " before the listener closed was served";
}

Part look_at_work(const Scene& scene) {
  Part part;
  for (const Seen& seen : scene.seen) {
    if (!counts_as_work(scene, seen)) {
      continue;
    }
    ++part.tried;
    part.tried_of_kind[static_cast<std::size_t>(seen.kind)] += meets_the_shutdown(scene, seen) ? 1U : 0U;
    if (seen.blame == Blame::work) {
      part.breaks(scene, seen.what->ended, how_cut(*seen.what), told(*seen.what, scene.flow(*seen.what)));
    }
  }
  for (const Flow& flow : scene.trial->flows) {
    const bool long_enough = flow.kind == Kind::slow || flow.kind == Kind::upload ||
                             flow.kind == Kind::held_upload || flow.kind == Kind::download ||
                             flow.kind == Kind::expect_continue;
    if (long_enough) {
      part.asked_for.insert(flow.kind);
    }
  }
  return unless_usual(std::move(part), scene, {Blame::work, Blame::late});
}

void conclude_work(Part& total) {
  if (total.broken > 0) {
    total.summary = std::to_string(total.broken) + " of " + counted(total.tried, "request") + " in flight " +
                    (total.broken == 1 ? "was" : "were") + " cut (" + told(total.how) + ")";
    return;
  }
  if (total.asked_for.empty()) {
    // A quick request is in flight at the signal by chance alone.
    total.status = Status::skipped;
    total.summary =
        "no path of work that takes its time was given (--slow-path, --upload-path, --download-path)";
    return;
  }
  std::string missing;
  for (const Kind kind : total.asked_for) {
    if (total.tried_of_kind[static_cast<std::size_t>(kind)] == 0) {
      missing += (missing.empty() ? "" : ", ") + std::string(to_string(kind));
    }
  }
  if (!missing.empty()) {
    total.status = Status::inconclusive;
    total.summary = "never in flight at the signal, or never answered well before: " + missing;
    return;
  }
  total.summary = "all " + counted(total.tried, "request") + " in flight finished";
}

Part look_at_late(const Scene& scene) {
  const LastGood good = last_good(scene);
  Part part;
  for (const Seen& seen : scene.seen) {
    const Observation& one = *seen.what;
    if (!asks(seen.kind) || one.status == 0) {
      continue;
    }
    ++part.tried;
    const std::string wrong = one.status == 503 ? wrong_with_503(one, good) : "";
    if (!wrong.empty()) {
      part.breaks(scene, one.ended, wrong,
                  std::string(to_string(seen.kind)) + " " + scene.flow(one).path + ": 503 " + wrong);
    }
  }
  if (part.broken > 0 && had_503_before(scene)) {
    part.status = Status::inconclusive;
    part.summary = "it answered 503 before the signal too";
  }
  return part;
}

void conclude_late(Part& total) {
  if (total.broken > 0) {
    total.summary = std::to_string(total.broken) + " of " + counted(total.tried, "request") +
                    " answered after the signal got 503 (" + told(total.how) + ")";
    return;
  }
  if (total.tried == 0) {
    total.status = Status::inconclusive;
    total.summary = "no request was answered after the signal";
    return;
  }
  total.summary = "all " + counted(total.tried, "request") +
                  " answered after the signal were served, or refused in time and in form";
}

}  // namespace lastcall::judge
