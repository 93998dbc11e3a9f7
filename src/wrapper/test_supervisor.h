// For the tests of this folder: a supervisor with real programs to wrap, and a drainable that does as told.
#pragma once

#include <algorithm>
#include <csignal>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "wrapper/supervisor.h"

namespace lastcall::wrapper {

/// Sends a signal to this very process.
inline void raise_signal(int number) {
  const std::string stat = sys::read_file("/proc/self/stat").value_or("");
  sys::signal_process(std::stoi(stat), number);
}

/// Plays the proxy: records what it is told and completes a drain by the loop's mailbox.
class FakeDrainable final : public drain::Drainable {
 public:
  explicit FakeDrainable(net::Loop& loop) : loop_(loop) {}

  void watch(Observer& observer) { observer_ = &observer; }

  void app_ready() override { note("app_ready"); }

  void app_gone() override {
    stuck = false;
    note("app_gone");
    complete();
  }

  void app_ended() override { app_gone(); }

  void set_rotation(drain::Rotation rotation) override {
    constexpr const char* kNames[] = {"in", "unready", "announced"};
    note(std::string("rotation: ") + kNames[static_cast<std::uint8_t>(rotation)]);
  }

  void unready() override { note("unready"); }

  void announce() override { note("announce"); }

  void close_listener() override {
    note("close_listener");
    loop_.post([this] { observer_->listener_closed(); });
  }

  void drain(Time) override {
    note("drain");
    draining_ = true;
    complete();
  }

  void cut(const char* reason) override {
    stuck = false;
    cut_ = 1;
    note(std::string("cut: ") + reason);
    complete();
  }

  [[nodiscard]] drain::InFlight in_flight() const override { return {.requests = stuck ? 1U : 0U}; }

  [[nodiscard]] drain::TrafficReport traffic() const override {
    drain::TrafficReport report;
    report.cut = cut_;
    return report;
  }

  std::vector<std::string> calls;
  std::map<std::string, std::function<void()>> on;   ///< what else to do, by call
  std::map<std::string, std::vector<int>> raise_on;  ///< signals to raise in this process, by call
  bool stuck = false;                                ///< a request that only a cut or the app's end ends

 private:
  void note(const std::string& call) {
    calls.push_back(call);
    std::ranges::for_each(raise_on[call], raise_signal);
    if (on.contains(call)) {
      on[call]();
    }
  }

  void complete() {
    if (draining_ && !stuck) {
      draining_ = false;
      loop_.post([this] {
        observer_->drained();
        observer_->lingered();
      });
    }
  }

  net::Loop& loop_;
  Observer* observer_ = nullptr;
  bool draining_ = false;
  std::uint64_t cut_ = 0;
};

inline std::string unique_name() {
  std::uint64_t number = 0;
  sys::random_bytes(std::as_writable_bytes(std::span(&number, 1)));
  return "lastcall-test-" + std::to_string(number);
}

class SupervisorTest : public testing::Test {
 protected:
  SupervisorTest() {
    sys::block_signals();
    settings_.environment = {"PATH=/usr/bin:/bin"};
    settings_.upstream.family = sys::Address::Family::unix_path;
    settings_.upstream.path = "@" + name_;
    settings_.budget = {
        .grace = 41s, .drain = 30s, .app_stop = 10s, .reserve = 1s, .idle_grace = 1s, .lame_duck{}};
  }

  void shell(const std::string& script) { settings_.argv = {"sh", "-c", script}; }

  /// A Python program that listens once `setup` has run, until something ends it.
  void app(const std::string& setup) {
    settings_.argv = {"/usr/bin/python3", "-c",
                      "import os, signal, socket, sys\n"
                      "def on(number, action): signal.signal(number, lambda *_: action())\n" +
                          setup +
                          "\nserver = socket.socket(socket.AF_UNIX)\n"
                          "server.bind('\\0" +
                          name_ +
                          "')\nserver.listen()\n"
                          "while True: server.accept()[0].close()\n"};
  }

  void set_deadlines(Duration drain, Duration app_stop) {
    settings_.budget.drain = drain;
    settings_.budget.app_stop = app_stop;
    settings_.budget.grace = drain + app_stop + settings_.budget.reserve;
  }

  Result<void> start() {
    supervisor_ = std::make_unique<Supervisor>(settings_, loop_, drainable_, logger_);
    drainable_.watch(supervisor_->observer());
    return supervisor_->start();
  }

  /// Runs until the supervisor has finished; its exit status.
  int run() {
    const Result<void> started = start();
    EXPECT_TRUE(started) << started.error().what;
    loop_.on_batch([this](Time now) { return supervisor_->tick(now); });
    loop_.run();
    EXPECT_THAT(sys::children(), testing::IsEmpty());
    return supervisor_->report().exit_status;
  }

  [[nodiscard]] const drain::DrainReport& report() const { return supervisor_->report(); }

  [[nodiscard]] const std::string& log() const { return log_; }

  const std::string name_ = unique_name();
  Settings settings_;
  net::Loop loop_;
  FakeDrainable drainable_{loop_};
  std::string log_;
  log::Logger logger_{log::Level::debug, log::Format::json, [this](std::string_view line) { log_ += line; },
                      [] { return std::int64_t{0}; }};
  std::unique_ptr<Supervisor> supervisor_;
};

}  // namespace lastcall::wrapper
