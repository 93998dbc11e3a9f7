// Progress: how a trial goes, told some times a second to whoever shows it. Counts, and measures nothing.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/time.h"
#include "judge/observation.h"
#include "judge/trial.h"

namespace lastcall::check {

struct Progress {
  std::uint32_t trial = 1;
  std::uint32_t trials = 1;
  bool serving = false;                    ///< the server answers, and is being loaded
  std::optional<Duration> since_signal{};  ///< nothing: not signalled yet
  int signal = 0;

  struct InFlight {
    judge::Kind kind;
    std::size_t count;
  };

  std::vector<InFlight> in_flight{};  ///< of what the signal waits for
  std::uint64_t answered = 0;  ///< this and the next: from the signal on, or before it from the beginning
  std::uint64_t lost = 0;
};

using ShowProgress = std::function<void(const Progress& progress)>;

/// What clients saw so far, counted anew from the signal on.
class ProgressMeter {
 public:
  /// All that has ended so far.
  void count(std::span<const judge::Observation> observations);

  void note_signal() { seen_ = {}; }

  [[nodiscard]] const judge::Tally& seen() const { return seen_; }

 private:
  std::size_t counted_ = 0;
  judge::Tally seen_;
};

}  // namespace lastcall::check
