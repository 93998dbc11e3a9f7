// KernelSignals: the process's own SIGTERM, SIGINT and SIGQUIT, as a SignalSource with a thread of its own.
#pragma once

#include <future>
#include <memory>
#include <thread>

#include "base/result.h"
#include "lastcall/clock.h"

namespace lastcall::service {

class KernelSignals final : public SignalSource {
 public:
  /// From here on signals are held. Error: somebody holds them already. Throws std::system_error when there
  /// can be no thread.
  [[nodiscard]] static Result<std::shared_ptr<KernelSignals>> create();

  KernelSignals(const KernelSignals&) = delete;
  KernelSignals& operator=(const KernelSignals&) = delete;

  /// Gives them back.
  ~KernelSignals() override;

  /// Not SIGTERM, when the others are given back: what is left is the end of the process, and a repeated one
  /// must not make it 143 (LC102, LC501).
  void keep_sigterm() { keeps_sigterm_ = true; }

  void start(Receiver receiver) override;
  void stop() override;

 private:
  KernelSignals();

  bool holding_ = false;
  bool started_ = false;
  bool keeps_sigterm_ = false;
  std::promise<Receiver> receiver_;
  std::thread thread_;
};

}  // namespace lastcall::service
