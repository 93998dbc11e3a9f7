// ReadyAsker: what the service's readiness checks said last. Asks them on a thread of its own, because an
// answer may take a second, for which no other probe is to wait. Any thread.
#pragma once

#include <condition_variable>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>

#include "lastcall/health.h"

namespace lastcall {

class ReadyAsker {
 public:
  /// Asks a first time at once.
  explicit ReadyAsker(Health& health);
  ~ReadyAsker();

  struct Answer {
    bool checks_pass = false;
    std::string detail = "not asked yet";  ///< why not
  };

  /// The last answer; a newer one is asked for, for the next time.
  [[nodiscard]] Answer last();

 private:
  void run(const std::stop_token& stop);

  Health& health_;
  std::mutex mutex_;
  std::condition_variable_any wanted_changed_;
  bool wanted_ = true;
  Answer answer_;
  std::jthread thread_;  ///< the last member: it uses all others
};

}  // namespace lastcall
