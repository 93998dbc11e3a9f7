#include "wrapper/ready_check.h"

#include <deque>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lastcall::wrapper {
namespace {

using testing::HasSubstr;

/// Answers each connection with the next of its lines, whatever it is asked; the last one for ever.
class ScriptedApp final : public net::Handler {
 public:
  ScriptedApp(net::Loop& loop, std::deque<std::string> answers)
      : loop_(loop),
        answers_(std::move(answers)),
        listener_(sys::listen_on(*sys::parse_address("127.0.0.1:0"), 8)) {
    EXPECT_EQ(loop_.watch(listener_.get(), sys::kReadable, *this), 0);
  }

  ~ScriptedApp() override { loop_.unwatch(listener_.get()); }

  ScriptedApp(const ScriptedApp&) = delete;
  ScriptedApp& operator=(const ScriptedApp&) = delete;

  [[nodiscard]] sys::Address address() const { return sys::local_address(listener_.get()); }

  [[nodiscard]] int asked() const { return static_cast<int>(connections_.size()); }

  void on_events(std::uint32_t) override {
    sys::UniqueFd connection(sys::accept(listener_.get(), nullptr));
    if (!connection) {
      return;
    }
    EXPECT_GT(sys::send(connection.get(), answers_.front(), false), 0);
    // A close with the request unread would reset the connection, answer included.
    sys::shutdown_write(connection.get());
    connections_.push_back(std::move(connection));
    if (answers_.size() > 1) {
      answers_.pop_front();
    }
  }

 private:
  net::Loop& loop_;
  std::deque<std::string> answers_;
  sys::UniqueFd listener_;
  std::vector<sys::UniqueFd> connections_;
};

std::string answer(const std::string& status) {
  return "HTTP/1.1 " + status + "\r\nContent-Length: 0\r\n\r\n";
}

class ReadyCheckTest : public testing::Test {
 protected:
  void begin(ReadySettings settings, const sys::Address& upstream) {
    check_.emplace(loop_, std::move(settings), upstream, [this] { ++ready_; });
    check_->start(sys::now());
  }

  /// Turns the loop until `done`, at most 10 s.
  template <class Done>
  void run_until(Done done) {
    const Time give_up = sys::now() + 10s;
    loop_.on_batch([this, done, give_up](Time now) {
      const Time due = check_->tick(now);
      if (done() || now > give_up) {
        loop_.stop();
      }
      return std::min(due, give_up);
    });
    loop_.run();
    EXPECT_TRUE(done());
  }

  net::Loop loop_;
  std::optional<ReadyCheck> check_;
  int ready_ = 0;
};

TEST_F(ReadyCheckTest, SaysYesAtOnceWhenNothingIsAsked) {
  begin({.kind = ReadySettings::Kind::none}, {});
  EXPECT_EQ(ready_, 1);
  EXPECT_TRUE(check_->answers());
}

TEST_F(ReadyCheckTest, TakesAnAcceptedConnectionForAYes) {
  ScriptedApp app(loop_, {answer("500 No")});
  begin({}, app.address());
  run_until([this] { return ready_ == 1; });
  EXPECT_TRUE(check_->answers());
}

TEST_F(ReadyCheckTest, AsksAgainUntilThePathAnswersWell) {
  ScriptedApp app(loop_, {answer("503 Booting"), "SSH-2.0-x\r\n\r\n", "HTTP/1.1 2", answer("302 Found")});
  begin({.kind = ReadySettings::Kind::path, .path = "/up"}, app.address());
  run_until([this] { return ready_ == 1; });
  EXPECT_EQ(app.asked(), 4);
  EXPECT_THAT(check_->last_try(), HasSubstr("GET /up on 127.0.0.1:"));
  EXPECT_THAT(check_->last_try(), HasSubstr("status 302"));
}

TEST_F(ReadyCheckTest, AsksASlowAppLessAndLessOften) {
  ScriptedApp app(loop_, {answer("503 Not yet")});
  const Time began = sys::now();
  begin({.kind = ReadySettings::Kind::path, .path = "/up"}, app.address());
  run_until([began] { return sys::now() - began >= 1500ms; });
  // Each 50 ms it would be 30; of 1.5 s the last second is asked each tenth of what has passed.
  EXPECT_LE(app.asked(), 25);
  EXPECT_EQ(ready_, 0);
}

TEST_F(ReadyCheckTest, GoesOnAskingThePathForReadiness) {
  ScriptedApp app(loop_, {answer("200 OK"), answer("500 Broken"), answer("200 OK")});
  begin({.kind = ReadySettings::Kind::path, .path = "/up"}, app.address());
  const Time began = sys::now();
  run_until([this] { return ready_ == 1 && !check_->answers(); });
  EXPECT_GE(sys::now() - began, ReadyCheck::kLaterInterval);
  EXPECT_EQ(ready_, 1) << "ready is said once";
}

TEST_F(ReadyCheckTest, SaysWhatItMetWhereNobodyListens) {
  sys::Address nowhere;
  nowhere.family = sys::Address::Family::unix_path;
  nowhere.path = "/nonexistent/app.sock";
  begin({}, nowhere);
  run_until([this] { return check_->last_try().ends_with("No such file or directory"); });
  EXPECT_FALSE(check_->answers());
}

TEST_F(ReadyCheckTest, AsksNothingOnceStopped) {
  ScriptedApp app(loop_, {answer("200 OK")});
  begin({}, app.address());
  check_->stop();
  EXPECT_EQ(check_->tick(sys::now() + 1h), Time::max());
}

}  // namespace
}  // namespace lastcall::wrapper
