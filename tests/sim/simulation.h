// Simulation: one scenario from its first instant to its last: the real proxy, supervisor and admin server on
// a simulated kernel, among scripted clients and a scripted app. What is left of it is evidence.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "drain/report.h"
#include "sim/app.h"
#include "sim/client.h"
#include "sim/prober.h"
#include "sim/scenario.h"
#include "sim/tunnel.h"

namespace lastcall::sim {

/// What was seen from outside, and what the product says of itself.
struct Evidence {
  const Scenario& scenario;
  bool turned_for_ever = false;
  std::optional<Time> ended{};  ///< when the product's main thread returned; nothing: it hung
  std::vector<std::string> misuses{};
  std::size_t open_descriptors = 0;
  int processes_left = 0;
  bool killed = false;   ///< SIGKILL has ended the app or one of its group
  int failed_calls = 0;  ///< that the kernel failed on purpose

  std::vector<Outcome> outcomes{};  ///< by request
  std::vector<std::unique_ptr<Client>> clients{};
  std::vector<TunnelOutcome> tunnels{};
  std::vector<std::shared_ptr<Endpoint>> accepted{};
  std::deque<Prober::Probe> probes{};
  std::vector<int> begun{};                         ///< by request: how often the app began it
  std::vector<std::optional<Time>> app_answered{};  ///< by request: when it last began its answer
  std::vector<bool> app_finished{};                 ///< by request: it has answered it to the last byte
  int under_way_at_signal = 0;
  int wrong_bodies = 0;
  int stop_signal = 0;  ///< the first that the app got
  std::optional<Time> app_signalled{};
  std::optional<Time> app_ended{};
  std::optional<Time> listener_closed{};

  std::optional<Time> t0{};
  std::optional<Time> app_ready{};
  std::optional<Time> forced{};
  drain::DrainReport report{};
};

class Simulation {
 public:
  Simulation(const Scenario& scenario, Kernel::Trace trace);
  ~Simulation();
  Simulation(const Simulation&) = delete;
  Simulation& operator=(const Simulation&) = delete;

  /// Once.
  void run();

  [[nodiscard]] const Evidence& evidence() const { return evidence_; }

  /// Where the product listens for clients.
  static const sys::Address& service_address();

 private:
  void schedule();
  void product();
  void note_log(std::string_view line);
  void collect();

  const Scenario& scenario_;
  Kernel kernel_;
  App app_;
  Prober prober_;
  Evidence evidence_;
  std::vector<std::unique_ptr<TunnelClient>> tunnel_clients_;
  std::shared_ptr<Listener> listener_;
};

}  // namespace lastcall::sim
