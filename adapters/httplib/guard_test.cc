// Guard, on a server that has no adapter: cpp-httplib's own, as it comes.
#include "lastcall/guard.h"

#include <httplib.h>
#include <latch>
#include <optional>
#include <semaphore>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "test_client.h"

namespace lastcall::httplib {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class GuardedServer : public ::testing::Test {
 protected:
  GuardedServer() : coordinator_(std::move(Coordinator::create(options()).value())), guard_(coordinator_) {
    server_.Get("/", [this](const auto&, auto& response) { answer(response, [] {}); });
    server_.Get("/held", [this](const auto&, auto& response) {
      answer(response, [this] {
        entered_.release();
        go_on_.acquire();
      });
    });
    port_ = static_cast<std::uint16_t>(server_.bind_to_any_port("127.0.0.1"));
    serving_ = std::jthread([this] { server_.listen_after_bind(); });
    EXPECT_TRUE(guard_.stop_with([this] { server_.stop(); }));
    running_ = std::jthread([this] { report_.emplace(coordinator_.run()); });
  }

  static Options options() {
    Options options;
    options.drain = 7s;
    options.cleanup = 1s;
    options.idle_grace = 100ms;
    options.lame_duck = LameDuck{};
    options.handle_signals = false;
    options.watchdog = false;
    options.log = [](std::string_view) {};
    return options;
  }

  template <class Work>
  void answer(::httplib::Response& response, Work work) {
    const Permit request = guard_.admit("GET");
    if (request) {
      work();
    } else {
      response.status = Guard::kRefused;
    }
    for (const auto& [name, value] : guard_.fields(request)) {
      response.set_header(std::string(name), std::string(value));
    }
  }

  void begin_shutdown() {
    std::latch announced(1);
    coordinator_.on_announce([&] { announced.count_down(); });
    coordinator_.shutdown("test");
    announced.wait();
  }

  const DrainReport& report() {
    running_.join();
    serving_.join();
    return *report_;
  }

  Coordinator coordinator_;
  Guard guard_;
  ::httplib::Server server_;
  std::uint16_t port_ = 0;
  std::counting_semaphore<> entered_{0};
  std::counting_semaphore<> go_on_{0};
  std::optional<DrainReport> report_;
  std::jthread serving_;
  std::jthread running_;
};

TEST_F(GuardedServer, FinishesWhatIsInFlightAndStopsOnlyThen) {
  Client client(port_);
  client.get("/");
  EXPECT_THAT(client.response(), AllOf(StartsWith("HTTP/1.1 200"), Not(HasSubstr("Connection: close"))));
  client.get("/held");
  entered_.acquire();
  begin_shutdown();
  go_on_.release();
  EXPECT_THAT(client.response(), AllOf(StartsWith("HTTP/1.1 200"), HasSubstr("Connection: close")));
  client.close();
  EXPECT_EQ(report().exit_code(), 0);
  EXPECT_EQ(report_->scopes()[0].finished, 1U);
}

TEST_F(GuardedServer, RefusesWhatComesTooLateAndSaysWhenToComeAgain) {
  Client held(port_);
  held.get("/held");
  entered_.acquire();
  begin_shutdown();
  while (!coordinator_.scope("http").closed()) {
    std::this_thread::yield();
  }
  Client late(port_);
  late.get("/");
  const std::string response = late.response();
  go_on_.release();
  EXPECT_THAT(response,
              AllOf(StartsWith("HTTP/1.1 503"), HasSubstr("Retry-After: 1"), HasSubstr("Connection: close")));
  EXPECT_THAT(held.response(), StartsWith("HTTP/1.1 200"));
  held.close();
  late.close();
  EXPECT_EQ(report().exit_code(), 0);
}

}  // namespace
}  // namespace lastcall::httplib
