// Verdict: what the evidence of some trials says about each clause of the contract. Data only: judge.h makes
// it, report/ tells it.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "judge/profile.h"
#include "judge/trial.h"

namespace lastcall::judge {

/// From the best to the worst; the worst of many wins.
enum class Status : std::uint8_t {
  skipped,       ///< does not apply: not asked for, or the profile does not require it
  passed,        ///< tried, and nothing broke it
  inconclusive,  ///< not really tried: nothing of the kind was in flight, or the measurement was disturbed
  failed,
};

[[nodiscard]] std::string_view to_string(Status status);

/// What `lastcall check` exits with: 0 passed, 1 failed, 3 inconclusive, or nothing tried at all.
[[nodiscard]] int exit_status(Status status);

/// What happened in plain words, at most kMaxEvidence of them a finding.
struct Evidence {
  std::uint32_t trial = 0;
  Duration at{};     ///< since the signal
  std::string what;  ///< "slow: reset, 0 of the response's bytes received (ECONNRESET)"
};

struct Finding {
  static constexpr std::size_t kMaxEvidence = 8;

  std::string_view clause;  ///< "LC202": see find_clause()
  Status status = Status::skipped;
  std::string summary;  ///< one line: "6 of 18 requests in flight were cut (4 reset, 2 truncated)", or why it
                        ///< is not passed
  std::uint64_t tried = 0;              ///< chances to break it, all trials together; 0: does not count
  std::uint64_t broken = 0;             ///< of these
  std::vector<std::uint32_t> trials{};  ///< those in which it failed
  std::vector<Evidence> evidence{};
};

/// Some flow's attempts from the signal on, all trials together.
struct FlowCount {
  std::string name;
  Kind kind;
  std::uint64_t in_flight = 0;  ///< at the signals
  Tally seen{};                 ///< that ended after the signal
};

/// One trial in a line.
struct TrialSummary {
  std::uint32_t number = 0;
  Status status = Status::passed;
  std::uint64_t attempts = 0;  ///< that ended after the signal
  std::uint64_t lost = 0;
  std::optional<Duration> took{};  ///< from the signal to the exit; nothing: it did not exit by itself
  std::string exit;                ///< "exit 0", "died of SIGTERM", "killed after 30s", "still running"
  std::uint32_t spoiled = 0;       ///< tries thrown away before it: the load client was late
};

/// Drawn time. Instants are since the signal, which is 0.
struct Timeline {
  enum class State : std::uint8_t { nothing, good, bad, refused };

  struct Bin {
    std::uint32_t begun = 0;      ///< attempts that began in it
    std::uint32_t good = 0;       ///< that ended well in it
    std::uint32_t bad = 0;        ///< that were lost in it
    std::uint32_t refused = 0;    ///< that were refused in it
    std::uint32_t in_flight = 0;  ///< at its end
  };

  struct Lane {
    std::string name;    ///< "slow requests"
    std::string result;  ///< "18 ok, 6 cut"
    std::vector<Bin> bins{};
  };

  struct Mark {
    Duration at{};
    std::string what;  ///< "SIGTERM", "listener closed", "exit 0"
  };

  Duration begin{};  ///< negative: before the signal
  Duration bin{};    ///< of each bin; all lanes have as many
  std::vector<Lane> lanes{};
  std::vector<Mark> marks{};
};

struct Verdict {
  std::string title{};                 ///< "bare", or empty
  std::vector<std::string> command{};  ///< what was run, secrets masked; or the one URL that was loaded
  Profile profile;
  std::uint64_t seed = 0;
  Status status = Status::inconclusive;
  std::vector<Finding> findings{};  ///< one for each clause that check knows, in the contract's order
  std::vector<FlowCount> flows{};
  std::vector<TrialSummary> trials{};
  Timeline timeline{};  ///< of the worst trial
  std::uint32_t timeline_trial = 0;
  Lag lag{};
};

}  // namespace lastcall::judge
