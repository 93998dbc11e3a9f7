// Prober: asks for liveness and readiness all the time, as a platform does: at the admin listener, and at a
// health path where the traffic goes. It keeps what it was told.
#pragma once

#include <deque>
#include <memory>
#include <string>

#include "sim/kernel/kernel.h"
#include "sim/response_reader.h"

namespace lastcall::sim {

class Prober {
 public:
  enum class Question : std::uint8_t { readiness, liveness, health_path };

  struct Probe {
    Question question = Question::readiness;
    Time asked{};
    std::optional<Time> answered{};
    int status = 0;
    std::shared_ptr<Endpoint> ours{};
    ResponseReader reader{};
  };

  static constexpr const char* kHealthPath = "/health";

  Prober(Kernel& kernel, sys::Address admin, sys::Address service)
      : kernel_(kernel), admin_(std::move(admin)), service_(std::move(service)) {}

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
  const sys::Address service_;
  std::deque<Probe> probes_;
  bool stopped_ = false;
};

}  // namespace lastcall::sim
