// Scene: one trial made ready for the rules: its instants, and for each attempt that was lost after the
// signal the one clause that has it, so that one fault is named once. Judges nothing itself. Private to
// judge/.
#pragma once

#include <optional>
#include <vector>

#include "judge/profile.h"
#include "judge/trial.h"

namespace lastcall::judge {

/// Who answers for the end of an attempt.
enum class Blame : std::uint8_t {
  nobody,     ///< nothing was lost, or it went down together with work that LC202 counts
  kill,       ///< cut by SIGKILL: LC101 or LC301
  late,       ///< work cut when the drain budget was used up, as it may be: LC303
  queue,      ///< a new connection that stood and was never served: LC201
  work,       ///< a request in flight: LC202
  mid_use,    ///< a request on a kept connection that the server closed without a word: LC203
  response,   ///< destroyed by a reset after it had begun: LC203
  rest,       ///< an unused connection, ended by RST: LC204
  head,       ///< a half-sent request: LC204
  websocket,  ///< LC206
  stream,     ///< LC207
};

struct Seen {
  const Observation* what;
  Kind kind;
  Blame blame = Blame::nobody;
  Blame otherwise = Blame::nobody;  ///< the blame, had it not gone down together with work, or been usual
  bool usual = false;               ///< such losses were as frequent before the signal
};

struct Scene {
  const Trial* trial;
  const Profile* profile;
  Time t0{};
  Time over{};                     ///< the exit, the kill, or the end of what was watched
  Time closed{};                   ///< the first refused connect of a fresh client after t0; else `over`
  Time cut_allowed{};              ///< from here on work may be cut
  std::vector<Seen> seen{};        ///< attempts that ended at t0 or later
  std::vector<Time> cuts{};        ///< when work was cut, in order
  bool ignored = false;            ///< killed, and nothing had changed since the signal: LC101
  bool excused = false;            ///< what happened is the repeated signal's: LC102
  bool disturbed = false;          ///< the load client was late, or the bottleneck
  bool held_by_rests = false;      ///< killed while only unused and streaming connections were left
  std::optional<Duration> held{};  ///< the time that idle, silent and half-headed clients alone held it

  [[nodiscard]] bool listener_closed() const { return closed < over; }

  /// SIGKILL came, and this ended then or later.
  [[nodiscard]] bool killed_by(Time instant) const {
    return trial->process.killed && instant >= t0 + trial->grace;
  }

  /// What is lost so close to a cut of work went down with it.
  [[nodiscard]] bool near_cut(Time instant) const;

  [[nodiscard]] const Flow& flow(const Observation& one) const { return trial->flows[one.flow]; }

  [[nodiscard]] Duration since(Time instant) const { return instant - t0; }
};

/// Both outlive the scene. The trial has a signal.
[[nodiscard]] Scene make_scene(const Trial& trial, const Profile& profile);

/// A connection that was unused so long may keep the exit waiting (LC204).
[[nodiscard]] Duration longest_idle_hold(const Profile& profile);

/// A request and its answer, or the lack of one.
[[nodiscard]] bool asks(Kind kind);

/// Neither answered well, nor refused, nor told to come again (503).
[[nodiscard]] bool is_cut(const Observation& one);

}  // namespace lastcall::judge
