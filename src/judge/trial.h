// Trial: all the evidence of one shutdown, as it was recorded and as it is kept by --record: what the clients
// saw, what the probes said, and what became of the process. Data only; judge.h says what it means. Instants
// are on the monotonic clock of the machine that ran the trial.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "judge/observation.h"

namespace lastcall::judge {

/// What a client does, as far as the contract cares.
enum class Kind : std::uint8_t {
  fresh,        ///< a new connection for every request, with `Connection: close`, which no other kind sends
  keep_alive,   ///< asks again and again on one connection, thinking for some milliseconds in between
  idle,         ///< one request, then keeps the connection unused
  silent,       ///< connects and never sends a byte
  slow,         ///< a request that the server takes its time for
  upload,       ///< a body sent as fast as it goes
  held_upload,  ///< a body sent in halves, the second one late
  download,     ///< a long response, read slowly
  pipelined,    ///< several requests sent at once on one connection
  expect_continue,  ///< waits for 100 before it sends its body
  half_head,        ///< half of a request head, the rest late
  websocket,
  event_stream,  ///< Server-Sent Events
};

inline constexpr std::size_t kKinds = 13;

[[nodiscard]] std::string_view to_string(Kind kind);  ///< "keep-alive", "held-upload", …

/// One attempt of this kind spans the server's whole life: it ends because the server ends it.
[[nodiscard]] bool rests(Kind kind);  ///< idle, silent, websocket, event_stream

struct Flow {
  std::string name;
  Kind kind;
  std::string path;  ///< without its query, which may hold secrets

  bool operator==(const Flow&) const = default;
};

/// One question to a health endpoint and its answer.
struct Probe {
  Time asked{};
  Time answered{};
  int status = 0;  ///< 0: no answer
  int error = 0;   ///< errno, if none; ECONNREFUSED once nothing listens

  bool operator==(const Probe&) const = default;
};

struct SentSignal {
  Time at{};
  int number = 0;

  bool operator==(const SentSignal&) const = default;
};

/// What became of the server.
struct Process {
  bool ours = true;                    ///< started by check; else only what /proc shows is known of it
  std::optional<Time> exited{};        ///< nothing: it had to be killed, or outlived the watch
  std::optional<int> exit_status{};    ///< if it exited, and it was ours
  std::optional<int> died_of{};        ///< the signal, if it died of one
  bool killed = false;                 ///< it did not end within the grace period, so SIGKILL ended it
  std::vector<std::string> orphans{};  ///< commands of the processes it left behind, argv[0] only
  std::uint32_t zombies = 0;           ///< dead children that it had not reaped when it ended
  std::optional<Time> port_held{};     ///< the last time its port accepted a connection after its exit

  bool operator==(const Process&) const = default;
};

struct Trial {
  std::uint32_t number = 1;
  std::uint64_t seed = 0;
  std::vector<Flow> flows{};
  Time began{};                       ///< of the load
  Time load_ended{};                  ///< nothing new was begun from here on
  std::vector<SentSignal> signals{};  ///< the first one is t0; further ones are repeats
  Duration grace{};                   ///< after t0 it would have been, or was, killed
  std::vector<Observation> observations{};
  std::vector<Departure> departures{};
  std::vector<Probe> readiness{};  ///< empty: no --ready-path
  std::vector<Probe> liveness{};
  bool liveness_apart = false;  ///< it is asked on another port than the traffic's, which may close earlier
  Process process{};
  bool saturated = false;     ///< the load client itself was the bottleneck
  std::uint32_t spoiled = 0;  ///< tries at this trial thrown away before it, because they were disturbed()

  [[nodiscard]] Time signalled() const { return signals.front().at; }

  bool operator==(const Trial&) const = default;
};

/// The load client was late, or the bottleneck: what it saw then is its own slowness as much as the server's.
[[nodiscard]] bool disturbed(const Trial& trial);

}  // namespace lastcall::judge
