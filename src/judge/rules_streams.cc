// LC206 and LC207: connections that last as long as the server: WebSockets and event streams.
#include <algorithm>
#include <utility>

#include "judge/rules.h"
#include "judge/words.h"

namespace lastcall::judge {

namespace {

constexpr std::uint16_t kNormal = 1000;
constexpr std::uint16_t kGoingAway = 1001;
constexpr std::uint16_t kServiceRestart = 1012;
/// Clients that are sent away so closely together all reconnect at once.
constexpr Duration kSpread = 50ms;
constexpr std::uint64_t kCrowd = 5;

bool has_flow(const Scene& scene, Kind kind) {
  return std::ranges::any_of(scene.trial->flows, [&](const Flow& flow) { return flow.kind == kind; });
}

/// It stood, and the server ended it: what the kill cut counts only if the server had waited for it, and what
/// outlived the load the client ended itself.
bool is_judged(const Scene& scene, const Seen& seen, Kind kind) {
  const Observation& one = *seen.what;
  const bool stood = one.status == (kind == Kind::websocket ? 101 : 200);
  const bool never_right = one.outcome == Outcome::wrong && seen.blame == Blame::nobody;
  return seen.kind == kind && stood && !never_right && seen.blame != Blame::kill &&
         one.ended < scene.trial->load_ended;
}

std::string wrong_with_close(const Observation& one) {
  if (one.outcome == Outcome::truncated) {
    return "cut within a frame";
  }
  if (one.close_code == 0) {
    return one.outcome == Outcome::reset ? "reset without a Close frame" : "ended without a Close frame";
  }
  const bool right =
      one.close_code == kGoingAway || one.close_code == kServiceRestart || one.close_code == kNormal;
  if (!right) {
    return "Close " + std::to_string(one.close_code);
  }
  const std::string close = "Close " + std::to_string(one.close_code);
  switch (one.outcome) {
    case Outcome::ok:
      return "";
    case Outcome::wrong:
      return close + ", but then further frames";
    case Outcome::timeout:
      return close + ", but then the connection stayed open";
    default:
      return close + ", but then a reset";
  }
}

void remark_crowd(const Scene& scene, std::vector<Time> ends, Part& part) {
  if (ends.size() < kCrowd) {
    return;
  }
  const auto [first, last] = std::ranges::minmax(ends);
  if (last - first < kSpread) {
    part.note(scene, last,
              "remark: all " + std::to_string(ends.size()) + " ended within " + told(last - first) +
                  ", so their clients reconnect at once");
  }
}

std::string wrong_with_stream(const Observation& one) {
  switch (one.outcome) {
    case Outcome::ok:
      return "";
    case Outcome::truncated:
      return one.error == 0 ? "ended in mid-event or without its framing's end"
                            : "reset (" + errno_name(one.error) + ")";
    case Outcome::timeout:
      return "never ended";
    default:
      return std::string(to_string(one.outcome));
  }
}

void conclude(Part& total, std::string_view what, std::string_view well) {
  if (total.broken > 0) {
    total.summary = std::to_string(total.broken) + " of " + counted(total.tried, what) + " ended badly (" +
                    told(total.how) + ")";
  } else if (total.tried == 0) {
    total.status = Status::inconclusive;
    total.summary = "no " + std::string(what) + " was open when the shutdown ended it";
  } else {
    total.summary = "all " + counted(total.tried, what) + " " + std::string(well);
  }
}

}  // namespace

Part look_at_websockets(const Scene& scene) {
  if (!has_flow(scene, Kind::websocket)) {
    return skipped("no WebSocket path was given (--ws-path)");
  }
  Part part;
  std::vector<Time> ends;
  bool normal = false;
  for (const Seen& seen : scene.seen) {
    const Observation& one = *seen.what;
    if (!is_judged(scene, seen, Kind::websocket)) {
      continue;
    }
    ++part.tried;
    ends.push_back(one.ended);
    normal = normal || one.close_code == kNormal;
    const std::string wrong = wrong_with_close(one);
    if (!wrong.empty()) {
      part.breaks(scene, one.ended, wrong,
                  "websocket " + scene.flow(one).path + ": " + wrong +
                      (one.error == 0 ? "" : " (" + errno_name(one.error) + ")"));
    }
  }
  if (normal) {
    part.note(scene, ends.back(),
              "remark: Close 1000 says that the purpose is fulfilled; 1001 or 1012 would say why");
  }
  if (part.broken == 0) {
    remark_crowd(scene, std::move(ends), part);
  }
  return part;
}

void conclude_websockets(Part& total) {
  conclude(total, "WebSocket", "were closed with a Close frame");
}

Part look_at_streams(const Scene& scene) {
  if (!has_flow(scene, Kind::event_stream)) {
    return skipped("no event stream path was given (--sse-path)");
  }
  Part part;
  std::uint64_t without_retry = 0;
  for (const Seen& seen : scene.seen) {
    const Observation& one = *seen.what;
    if (!is_judged(scene, seen, Kind::event_stream)) {
      continue;
    }
    ++part.tried;
    const std::string wrong = wrong_with_stream(one);
    if (!wrong.empty()) {
      part.breaks(scene, one.ended, wrong, "event stream " + scene.flow(one).path + ": " + wrong);
    } else if (!one.retry_after) {
      ++without_retry;
    }
  }
  if (without_retry > 0) {
    part.note(scene, scene.over,
              "remark: " + counted(without_retry, "event stream") +
                  " ended without a retry:, so their clients reconnect at once");
  }
  return part;
}

void conclude_streams(Part& total) {
  conclude(total, "event stream", "ended between two events");
}

}  // namespace lastcall::judge
