// App: the wrapped program, scripted: listens after a while, answers each request as its plan says, quickly
// or slowly, whole or not, takes WebSockets, closes idle connections, and does with signals what its own plan
// says.
#pragma once

#include <list>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sim/kernel/kernel.h"
#include "sim/scenario.h"
#include "sim/web_socket.h"

namespace lastcall::sim {

class App final : public Processes::Program {
 public:
  App(Kernel& kernel, const Scenario& scenario, sys::Address address);
  ~App() override;

  void started() override;
  void signalled(int signal) override;
  void died() override;

  /// How often each request was begun, by its number.
  [[nodiscard]] const std::vector<int>& begun() const { return begun_; }

  /// When it last began to answer each request.
  [[nodiscard]] const std::vector<std::optional<Time>>& answered() const { return answered_; }

  /// Whether it has answered each request to the last byte.
  [[nodiscard]] const std::vector<bool>& finished() const { return finished_; }

  /// What its ends of the tunnels have said and heard, by number.
  [[nodiscard]] const std::vector<WebSocketLog>& tunnels() const { return tunnels_; }

  /// Requests under way when its stop signal came, whose answers it could still have given.
  [[nodiscard]] int under_way_at_signal() const { return under_way_at_signal_; }

  /// Requests whose body was another than the client's.
  [[nodiscard]] int wrong_bodies() const { return wrong_bodies_; }

 private:
  class Connection;

  void listen();
  void accept_all();

  Kernel& kernel_;
  const Scenario& scenario_;
  const sys::Address address_;
  std::shared_ptr<Listener> listener_;
  std::list<std::shared_ptr<Connection>> connections_;
  std::vector<int> begun_;
  std::vector<std::optional<Time>> answered_;
  std::vector<bool> finished_;
  std::vector<WebSocketLog> tunnels_;
  int under_way_at_signal_ = 0;
  int wrong_bodies_ = 0;
  bool stopping_ = false;
};

}  // namespace lastcall::sim
