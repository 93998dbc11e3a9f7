// Scenario: one shutdown as it is to go, all of it drawn from one seed: settings, app, clients, signals and
// faults. Plain data; what follows from it is the simulation's business.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "drain/budget.h"
#include "sim/kernel/endpoint.h"
#include "sim/kernel/kernel.h"

namespace lastcall::sim {

/// A request and what the app does with it.
struct RequestPlan {
  enum class Framing : std::uint8_t { length, chunked, until_close };
  enum class Answer : std::uint8_t { whole, none, broken_off, malformed };

  bool post = false;
  std::size_t body = 0;
  Framing framing = Framing::length;  ///< of the response
  std::size_t size = 0;               ///< of the response's body
  Duration thinks{};                  ///< before the response's first byte
  Duration streams{};                 ///< from the response's first byte to its last
  Answer answer = Answer::whole;
  bool early = false;  ///< it does not wait for the request's body
  bool app_closes = false;

  /// Whether the client may see the app's own failure: one that closes over unread bytes destroys its answer.
  [[nodiscard]] bool may_fail() const {
    return answer != Answer::whole || (early && (app_closes || framing == Framing::until_close));
  }
};

struct ClientPlan {
  enum class Kind : std::uint8_t { ordinary, silent, half_head, leaves };

  Kind kind = Kind::ordinary;
  Duration connects{};  ///< since the machine's start
  Path path;
  std::vector<std::uint32_t> requests;  ///< in this order, by their number
  Duration thinks{};                    ///< between a response and the next request
  std::optional<Duration> aims{};       ///< when the next one arrives instead, if that is still to come
  Duration body_pause{};                ///< between the head and each half of the body
  bool pipelines = false;               ///< all at once
  Duration reads_every{};               ///< a segment; zero: at once
  Duration leaves{};                    ///< of Kind::leaves: after its connect
  bool closes_first = false;            ///< at the end of the last response, else at the server's end
};

/// How one end of a WebSocket behaves.
struct WebSocketPlan {
  Duration talks{};                    ///< between two messages
  Duration pause{};                    ///< in the midst of each
  std::size_t size = 0;                ///< of each, the same at both ends
  bool answers = true;                 ///< a Close with a Close …
  Duration considers{};                ///< … after so long
  std::optional<Duration> closes{};    ///< by itself, so long after the upgrade …
  std::optional<Duration> patience{};  ///< … and leaves then if it is not answered for so long
  bool leaves = false;                 ///< when it hears a Close
  bool stays = false;                  ///< though the other side has ended the connection
  Duration reads_every{};              ///< a segment; zero: at once
};

/// A client that asks for a WebSocket.
struct TunnelPlan {
  Duration connects{};  ///< since the machine's start
  Path path;
  WebSocketPlan client;
  WebSocketPlan app;

  /// The client does not always take at once what is sent to it.
  [[nodiscard]] bool is_slow() const;
};

struct AppPlan {
  enum class OnSignal : std::uint8_t { exits, dies, ignores };

  Duration listens_after{};
  bool never_listens = false;
  Duration idle_timeout{};  ///< after which it closes an idle connection
  bool advertises = false;  ///< … and says so
  OnSignal on_signal = OnSignal::exits;
  Duration stop_takes{};
  int status = 0;
  int workers = 0;  ///< further processes in its group
  bool workers_obey = true;
  std::optional<Duration> crashes;
};

struct SignalPlan {
  Duration at;
  int number;
};

struct Scenario {
  std::uint64_t seed = 0;
  unsigned shards = 1;
  bool unix_upstream = false;
  std::size_t most_connections = 10'000;
  std::optional<int> stop_signal;  ///< for the app, whatever comes
  drain::BudgetPlan budget;
  std::vector<RequestPlan> requests;
  std::vector<ClientPlan> clients;
  std::vector<TunnelPlan> tunnels;
  AppPlan app;
  std::vector<SignalPlan> signals;  ///< to us; the first begins the shutdown unless something else did
  std::optional<Duration> keeper_killed;
  Faults faults;
  Network::Losses losses;
  std::optional<Duration> syn_flood;  ///< when a SYN queue that ran over has room again
  Duration busy{};                    ///< the longest delay between being woken and running
  std::optional<Duration> stalls;     ///< when the whole process is stopped …
  Duration stalled{};                 ///< … and for how long

  /// How much later than planned anything may happen.
  [[nodiscard]] Duration slack() const { return 1ms + 20 * busy + stalled; }
};

[[nodiscard]] Scenario draw_scenario(std::uint64_t seed);

[[nodiscard]] std::string describe(const Scenario& scenario);

/// What a client sends with its request, and what the app answers: of no two requests the same.
[[nodiscard]] std::string request_body(std::uint32_t request, std::size_t size);
[[nodiscard]] std::string response_body(std::uint32_t request, std::size_t size);

}  // namespace lastcall::sim
