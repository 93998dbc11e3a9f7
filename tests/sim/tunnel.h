// TunnelClient: one scripted user who connects, asks for a WebSocket and speaks on it until it ends. It comes
// once, and judges nothing.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "sim/kernel/kernel.h"
#include "sim/scenario.h"
#include "sim/web_socket.h"

namespace lastcall::sim {

/// What became of one tunnel.
struct TunnelOutcome {
  std::optional<Time> connected;
  Time head_there{};  ///< its head's last byte, at the service
  int status = 0;     ///< of the answer; 101: it was upgraded
  Time answer_sent{};
  bool says_close = false;            ///< the answer
  std::shared_ptr<Endpoint> service;  ///< its end of the client's connection
  WebSocketLog client;
  WebSocketLog app;
};

class TunnelClient {
 public:
  /// `number`: of the scenario's tunnels.
  TunnelClient(Kernel& kernel, const Scenario& scenario, std::size_t number, sys::Address service,
               TunnelOutcome& outcome);
  ~TunnelClient();
  TunnelClient(const TunnelClient&) = delete;
  TunnelClient& operator=(const TunnelClient&) = delete;

  void start();

 private:
  void connect();
  void go_on();
  void ask();
  void take(const Segment& segment);
  void upgraded(Segment rest);

  Kernel& kernel_;
  const Scenario& scenario_;
  const TunnelPlan& plan_;
  const std::size_t number_;
  const sys::Address service_;
  TunnelOutcome& outcome_;
  std::shared_ptr<Endpoint> ours_;
  std::shared_ptr<WebSocket> socket_;
  std::string input_;
};

}  // namespace lastcall::sim
