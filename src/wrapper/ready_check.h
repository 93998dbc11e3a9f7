// ReadyCheck: asks the app whether it can serve: by a connect, or by a GET that must answer 2xx or 3xx. First
// often, until it says yes; with a path then at most once a second, for readiness. Or it is told (notify),
// and asks nothing. During a shutdown it can watch whether the app still accepts. Decides nothing. Control
// thread.
#pragma once

#include <functional>
#include <string>

#include "base/time.h"
#include "net/loop.h"
#include "sys/sys.h"
#include "wrapper/settings.h"

namespace lastcall::wrapper {

class ReadyCheck final : public net::Handler {
 public:
  /// `on_ready`: the first yes.
  ReadyCheck(net::Loop& loop, ReadySettings settings, sys::Address upstream, std::function<void()> on_ready);
  ~ReadyCheck() override;
  ReadyCheck(const ReadyCheck&) = delete;
  ReadyCheck& operator=(const ReadyCheck&) = delete;

  void start(Time now);

  /// Of kind path, for an app that is ready already: once a second from now on, and `answers()` until it does
  /// not.
  void start_later(Time now);

  /// Of kind notify: the app has said so itself.
  void told_ready();

  /// No further question: the app is being stopped.
  void stop();

  /// From now on only whether the app, which was ready, still accepts: `on_refused` is called at the first
  /// refusal.
  void watch_for_refusal(Time now, std::function<void()> on_refused);

  /// Asks when it is time; says when to call again.
  [[nodiscard]] Time tick(Time now);

  /// What the app said last.
  [[nodiscard]] bool answers() const { return answers_; }

  /// "GET /up on 127.0.0.1:9000: status 503": what was asked and what came of it last.
  [[nodiscard]] std::string last_try() const;

  /// It answered last, but not with 2xx or 3xx.
  [[nodiscard]] bool said_no() const { return !answers_ && outcome_.starts_with("status "); }

  void on_events(std::uint32_t events) override;

  static constexpr Duration kFirstInterval = 50ms;  ///< until it says yes: a tenth of the time it has taken,
  static constexpr Duration kMostInterval = 500ms;  ///< within these two
  static constexpr Duration kLaterInterval = 1s;
  static constexpr Duration kRefusalDelay = 100ms;  ///< of the first such question
  static constexpr Duration kPatience = 2s;         ///< for one answer
  static constexpr std::size_t kMaxAnswer = 32 * 1024;

 private:
  void ask(Time now);
  void send_request();
  void read_answer();
  void judge_connection();
  void fail(int error);
  void end(bool yes, std::string outcome);

  net::Loop& loop_;
  const ReadySettings settings_;
  const sys::Address upstream_;
  const std::function<void()> on_ready_;
  std::function<void()> on_refused_;  ///< set: only connects
  sys::UniqueFd socket_;
  bool connected_ = false;
  std::string answer_;
  Time began_{};
  Time due_ = Time::max();  ///< the next question, or the end of patience with the present one
  bool ever_ready_ = false;
  bool answers_ = false;
  std::string outcome_ = "not tried yet";
};

}  // namespace lastcall::wrapper
