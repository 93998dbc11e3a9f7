// The servers that tests/brokers/brokers.py has started for this test, and what can happen to them.
#pragma once

#include <csignal>
#include <cstdlib>
#include <filesystem>
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
  explicit Frozen(const Broker& broker) : pid_(broker.pid) {
    signal_all(SIGSTOP);
    wait_until_stopped(pid_);
    for (const auto& process : sys::descendants(pid_)) {
      wait_until_stopped(process.pid);
    }
  }

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

  /// The signal only asks for it: until each thread is in state T, it may still answer.
  static void wait_until_stopped(pid_t pid) {
    for (const auto& task : std::filesystem::directory_iterator("/proc/" + std::to_string(pid) + "/task")) {
      std::string stat = " ";
      while (stat.find(") T ") == std::string::npos && !stat.empty()) {
        stat = sys::read_file(task.path() / "stat").value_or("");
      }
    }
  }

  pid_t pid_;
};

}  // namespace lastcall::testing
