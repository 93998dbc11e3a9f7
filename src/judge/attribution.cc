#include "judge/attribution.h"

#include <algorithm>
#include <cerrno>

namespace lastcall::judge {

namespace {

/// A half-sent request dropped so early was not given the time of its header timeout.
constexpr Duration kHeadTime = 1s;

/// What can be known of one flow only by all of its attempts.
struct FlowFacts {
  bool wrong_before = false;     ///< its answers were not the expected ones before the signal either
  std::uint64_t whole_sent = 0;  ///< bytes of a whole request
};

bool answered(const Observation& one) {
  return one.answered != Time::max() || one.received > 0;
}

/// Broken off or closed before a byte of the response.
bool unanswered(const Observation& one) {
  return (one.outcome == Outcome::reset || one.outcome == Outcome::eof) && !answered(one);
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
    if (one.outcome == Outcome::wrong && one.ended < scene_.t0) {
      facts.wrong_before = true;
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
    const bool usual = one.outcome == Outcome::wrong && facts_[one.flow].wrong_before;
    if (one.outcome == Outcome::ok || one.outcome == Outcome::refused || after_exit || usual) {
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
    if (!unanswered(one) || !first) {
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
    if (one.reused && kind == Kind::keep_alive && unanswered(one)) {
      return Blame::mid_use;
    }
    if (one.ended >= scene_.cut_allowed) {
      return Blame::late;
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
