#include "judge/attribution.h"

#include <algorithm>
#include <cerrno>
#include <utility>

namespace lastcall::judge {

namespace {

/// A half-sent request dropped so early was not given the time of its header timeout.
constexpr Duration kHeadTime = 1s;

/// A request that waited so long and then saw FIN had been read: who closes what he has not read sends RST.
constexpr Duration kTakenUp = 50ms;
/// What is lost after the signal hardly more often than before is not the shutdown's.
constexpr std::uint64_t kHardlyMore = 3;
/// A request behind another on its connection that waits for so long is none that this server answers.
constexpr Duration kStuck = 1s;

/// What can be known of one flow only by all of its attempts.
struct FlowFacts {
  Tally before{};                   ///< that ended before the signal
  Tally after{};                    ///< that ended after it
  bool good_behind = false;         ///< requests on connections in use were answered well before the signal
  Time first_behind = Time::max();  ///< when the first of these began
  std::uint64_t whole_sent = 0;     ///< bytes of a whole request
};

bool answered(const Observation& one) {
  return one.answered != Time::max() || one.received > 0;
}

/// Broken off or closed before a byte of the response.
bool unanswered(const Observation& one) {
  return (one.outcome == Outcome::reset || one.outcome == Outcome::eof) && !answered(one);
}

/// The server had read the request when it closed.
bool was_taken_up(const Observation& one) {
  return one.outcome == Outcome::eof && one.connected != Time::max() &&
         one.ended - std::max(one.started, one.connected) >= kTakenUp;
}

class Attribution {
 public:
  explicit Attribution(Scene& scene) : scene_(scene), facts_(scene.trial->flows.size()) {
    for (const Observation& one : scene.trial->observations) {
      if (one.flow < facts_.size()) {
        learn(one);
      }
    }
  }

  void run() {
    for (Seen& seen : scene_.seen) {
      seen.blame = first_look(*seen.what, seen.kind);
      if (seen.blame != Blame::nobody && is_usual(*seen.what, seen.kind)) {
        seen.otherwise = std::exchange(seen.blame, Blame::nobody);
        seen.usual = true;
      }
      if (seen.blame == Blame::work) {
        scene_.cuts.push_back(seen.what->ended);
      }
    }
    std::ranges::sort(scene_.cuts);
    for (Seen& seen : scene_.seen) {
      if (yields(seen.blame) && scene_.near_cut(seen.what->ended)) {
        seen.otherwise = seen.blame;
        seen.blame = asks(seen.kind) && seen.blame != Blame::mid_use ? Blame::work : Blame::nobody;
      }
    }
  }

 private:
  void learn(const Observation& one) {
    FlowFacts& facts = facts_[one.flow];
    (one.ended < scene_.t0 ? facts.before : facts.after).add(one.outcome);
    if (one.reused) {
      facts.good_behind |= one.outcome == Outcome::ok && one.ended < scene_.t0;
      facts.first_behind = std::min(facts.first_behind, one.started);
    }
    if (one.outcome == Outcome::ok) {
      facts.whole_sent = std::max(facts.whole_sent, one.sent);
    }
    if (!one.reused && answered(one) && one.connected != Time::max()) {
      last_served_ = std::max(last_served_, one.connected);
    }
  }

  [[nodiscard]] Blame first_look(const Observation& one, Kind kind) const {
    const bool after_exit = scene_.trial->process.exited && one.started >= scene_.over;
    const bool never_right = one.outcome == Outcome::wrong && facts_[one.flow].before[Outcome::wrong] > 0;
    if (one.outcome == Outcome::ok || one.outcome == Outcome::refused || after_exit || never_right ||
        was_stuck(one, kind)) {
      return Blame::nobody;
    }
    if (scene_.killed_by(one.ended)) {
      return by_kill(kind);
    }
    if (was_queued(one, kind)) {
      return Blame::queue;
    }
    switch (kind) {
      case Kind::websocket:
        return answered(one) ? Blame::websocket : of_request(one);
      case Kind::event_stream:
        return answered(one) ? Blame::stream : of_request(one);
      case Kind::idle:
      case Kind::silent:
        return one.outcome == Outcome::reset ? Blame::rest : Blame::nobody;
      case Kind::half_head:
        return of_head(one);
      default:
        return of_request(one);
    }
  }

  /// Pipelining is tried unasked, and some servers answer the first request alone.
  [[nodiscard]] bool was_stuck(const Observation& one, Kind kind) const {
    const FlowFacts& facts = facts_[one.flow];
    return kind == Kind::pipelined && one.reused && !facts.good_behind &&
           facts.first_behind + kStuck <= scene_.t0;
  }

  /// It was lost in the same way, about as often, before the signal.
  [[nodiscard]] bool is_usual(const Observation& one, Kind kind) const {
    const FlowFacts& facts = facts_[one.flow];
    const std::uint64_t after = facts.after.attempts() - facts.after[Outcome::refused];
    return !rests(kind) && facts.before[one.outcome] > 0 &&
           facts.after[one.outcome] * facts.before.attempts() <=
               kHardlyMore * facts.before[one.outcome] * after;
  }

  /// The kill has what it cut, unless the server was only killed because it waited for these to end.
  [[nodiscard]] Blame by_kill(Kind kind) const {
    if (scene_.held_by_rests && kind == Kind::websocket) {
      return Blame::websocket;
    }
    return scene_.held_by_rests && kind == Kind::event_stream ? Blame::stream : Blame::kill;
  }

  /// It stood, or was reset in connect(), and nothing shows that the server ever accepted it. A listener is
  /// first in, first out: who connected before one that was served had been accepted.
  [[nodiscard]] bool was_queued(const Observation& one, Kind kind) const {
    const bool first = !one.reused || kind == Kind::pipelined;
    if (never_accepted(one, kind)) {
      return true;
    }
    if (!unanswered(one) || !first || was_taken_up(one)) {
      return false;
    }
    if (one.connected == Time::max()) {
      return one.error == ECONNRESET && one.started < scene_.closed;
    }
    if (kind == Kind::fresh || kind == Kind::keep_alive) {
      return true;
    }
    return one.outcome == Outcome::reset && one.connected >= last_served_;
  }

  /// It stood and waited in vain, and nobody who connected later was served.
  [[nodiscard]] bool never_accepted(const Observation& one, Kind kind) const {
    const bool is_new = !one.reused && (kind == Kind::fresh || kind == Kind::keep_alive);
    return is_new && one.outcome == Outcome::timeout && !answered(one) && one.connected != Time::max() &&
           one.connected > last_served_;
  }

  [[nodiscard]] Blame of_head(const Observation& one) const {
    if (!is_cut(one) || one.outcome == Outcome::wrong) {
      return Blame::nobody;
    }
    const std::uint64_t whole = facts_[one.flow].whole_sent;
    const bool complete = whole > 0 && one.sent >= whole;
    if (one.ended >= scene_.cut_allowed) {
      return Blame::late;
    }
    return complete || one.ended < scene_.t0 + kHeadTime ? Blame::head : Blame::nobody;
  }

  [[nodiscard]] Blame of_request(const Observation& one) const {
    const Kind kind = scene_.flow(one).kind;
    if (!is_cut(one) || one.connected == Time::max()) {
      return Blame::nobody;
    }
    if (one.ended >= scene_.cut_allowed) {
      return Blame::late;
    }
    if (one.reused && kind == Kind::keep_alive && unanswered(one) && !was_taken_up(one)) {
      return Blame::mid_use;
    }
    const bool client_was_sending = kind == Kind::keep_alive || kind == Kind::pipelined ||
                                    kind == Kind::upload || kind == Kind::held_upload ||
                                    kind == Kind::expect_continue;
    const bool destroyed = one.outcome == Outcome::truncated && one.error == ECONNRESET && client_was_sending;
    return destroyed ? Blame::response : Blame::work;
  }

  static bool yields(Blame blame) {
    return blame == Blame::queue || blame == Blame::mid_use || blame == Blame::response ||
           blame == Blame::head;
  }

  Scene& scene_;
  std::vector<FlowFacts> facts_;
  Time last_served_ = Time::min();  ///< when the last new connection that got an answer had connected
};

}  // namespace

bool asks(Kind kind) {
  return !rests(kind) && kind != Kind::half_head;
}

bool is_cut(const Observation& one) {
  switch (one.outcome) {
    case Outcome::ok:
    case Outcome::refused:
    case Outcome::unsent:
      return false;
    case Outcome::server_error:
      return one.status != 503;
    default:
      return true;
  }
}

void attribute(Scene& scene) {
  Attribution(scene).run();
}

}  // namespace lastcall::judge
