// Prober: asks the admin listener for liveness and readiness all the time, as a platform does, and keeps what
// it was told.
#pragma once

#include <deque>
#include <memory>
#include <string>

#include "sim/kernel/kernel.h"
#include "sim/response_reader.h"

namespace lastcall::sim {

class Prober {
 public:
  struct Probe {
    bool readiness = false;
    Time asked{};
    std::optional<Time> answered{};
    int status = 0;
    std::shared_ptr<Endpoint> ours{};
    ResponseReader reader{};
  };

  Prober(Kernel& kernel, sys::Address admin) : kernel_(kernel), admin_(std::move(admin)) {}

  ~Prober();
  Prober(const Prober&) = delete;
  Prober& operator=(const Prober&) = delete;

  /// From now on, until stop().
  void start();

  void stop() { stopped_ = true; }

  [[nodiscard]] const std::deque<Probe>& probes() const { return probes_; }

 private:
  void ask();
  void go_on(Probe& probe);

  Kernel& kernel_;
  const sys::Address admin_;
  std::deque<Probe> probes_;
  bool stopped_ = false;
};

}  // namespace lastcall::sim
