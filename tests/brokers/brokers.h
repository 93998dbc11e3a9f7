// The servers that tests/brokers/brokers.py has started for this test, and what can happen to them.
#pragma once

#include <csignal>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>

#include "sys/sys.h"

namespace lastcall::testing {

struct Broker {
  std::string host;
  int port = 0;
  pid_t pid = -1;

  /// `name` as in the environment: "POSTGRES".
  static Broker named(const std::string& name) {
    const char* address = std::getenv(("LASTCALL_" + name).c_str());
    const char* pid = std::getenv(("LASTCALL_" + name + "_PID").c_str());
    if (address == nullptr || pid == nullptr) {
      std::fprintf(stderr, "needs a server: tests/brokers/brokers.py NAME -- THIS\n");
      std::exit(2);
    }
    const std::string_view text(address);
    const auto colon = text.rfind(':');
    return {std::string(text.substr(0, colon)), std::atoi(address + colon + 1), std::atoi(pid)};
  }
};

/// Stops all of a server's processes while it lives: its connections stay, and nothing answers.
class Frozen {
 public:
  explicit Frozen(const Broker& broker) : pid_(broker.pid) { signal_all(SIGSTOP); }

  ~Frozen() { signal_all(SIGCONT); }

  Frozen(const Frozen&) = delete;
  Frozen& operator=(const Frozen&) = delete;

 private:
  void signal_all(int number) const {
    // The parent first: it starts no further process then.
    sys::signal_process(pid_, number);
    for (const auto& process : sys::descendants(pid_)) {
      sys::signal_process(process.pid, number);
    }
  }

  pid_t pid_;
};

}  // namespace lastcall::testing
