// Rules: what each clause of the contract demands, as far as it shows from outside. A rule looks at one trial
// and says its part; the parts are merged, the worst wins, and the rule concludes from all of them together.
// Private to judge/.
#pragma once

#include <array>
#include <initializer_list>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "judge/scene.h"
#include "judge/verdict.h"

namespace lastcall::judge {

/// What a rule says of one trial; or, merged, of all.
struct Part {
  Status status = Status::passed;
  std::uint64_t tried = 0;
  std::uint64_t broken = 0;
  std::string summary{};                              ///< conclude() may replace it
  std::map<std::string, std::uint64_t> how{};         ///< what became of the broken ones
  std::array<std::uint64_t, kKinds> tried_of_kind{};  ///< where the rule tells kinds apart
  std::set<Kind> asked_for{};                         ///< of those that it tells apart
  std::optional<Duration> measured{};                 ///< where the rule compares trials
  std::vector<Evidence> evidence{};
  std::map<std::string, std::size_t> shown{};  ///< pieces of evidence of each sort

  /// Keeps the first Finding::kMaxEvidence.
  void note(const Scene& scene, Time at, std::string what);

  /// It fails, by something that is not counted.
  void fails(const Scene& scene, Time at, std::string what);

  /// One chance of many was missed. Of one sort, which is its end and what stands before the colon of `what`,
  /// a few are evidence enough.
  void breaks(const Scene& scene, Time at, const std::string& end, std::string what);
};

struct Rule {
  std::string_view clause;
  Part (*look)(const Scene&) = nullptr;
  /// Says what all parts together come to; not called if they are already inconclusive or skipped.
  void (*conclude)(Part& total) = nullptr;
  /// Finds what only several trials show; not called if one has failed.
  void (*compare)(std::span<const Part> parts, Part& total) = nullptr;
};

[[nodiscard]] Part skipped(std::string why);
[[nodiscard]] Part inconclusive(std::string why);

/// The part, unless nothing broke the clause and yet something like it went down together with work in
/// flight.
[[nodiscard]] Part unless_with_work(Part part, bool some_went_down);

/// The part, unless nothing broke the clause and yet there were losses that would have, had they not been as
/// frequent before the signal.
[[nodiscard]] Part unless_usual(Part part, const Scene& scene, std::initializer_list<Blame> own);

/// "4 reset, 2 cut off".
[[nodiscard]] std::string told(const std::map<std::string, std::uint64_t>& how);

/// LC102 compares trials: those in which the repeat did the harm are excused from what follows from it.
/// A part for each scene.
[[nodiscard]] std::vector<Part> judge_repeats(std::span<Scene> scenes);

// LC101, LC301: rules_kill.cc
[[nodiscard]] Part look_at_signal(const Scene& scene);
[[nodiscard]] Part look_at_deadline(const Scene& scene);

// LC103, LC104: rules_routing.cc
[[nodiscard]] Part look_at_probes(const Scene& scene);
[[nodiscard]] Part look_at_lame_duck(const Scene& scene);
void conclude_lame_duck(Part& total);

// LC105: rules_waits.cc
[[nodiscard]] Part look_at_waits(const Scene& scene);
void conclude_waits(Part& total);
void compare_waits(std::span<const Part> parts, Part& total);

// LC201, LC202, LC208: rules_requests.cc
[[nodiscard]] Part look_at_queue(const Scene& scene);
void conclude_queue(Part& total);
[[nodiscard]] Part look_at_work(const Scene& scene);
void conclude_work(Part& total);
[[nodiscard]] Part look_at_late(const Scene& scene);
void conclude_late(Part& total);

// LC203, LC204: rules_connections.cc
[[nodiscard]] Part look_at_farewell(const Scene& scene);
void conclude_farewell(Part& total);
[[nodiscard]] Part look_at_idle(const Scene& scene);
void conclude_idle(Part& total);

// LC206, LC207: rules_streams.cc
[[nodiscard]] Part look_at_websockets(const Scene& scene);
void conclude_websockets(Part& total);
[[nodiscard]] Part look_at_streams(const Scene& scene);
void conclude_streams(Part& total);

// LC401, LC501: rules_exit.cc
[[nodiscard]] Part look_at_leftovers(const Scene& scene);
[[nodiscard]] Part look_at_exit(const Scene& scene);

}  // namespace lastcall::judge
