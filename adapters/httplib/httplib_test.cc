// Guarantees of the adapter, each with real sockets and a real shutdown.
#include "lastcall/httplib.h"

#include <latch>
#include <optional>
#include <semaphore>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/time.h"
#include "test_client.h"

namespace lastcall::httplib {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class HttplibServer : public ::testing::Test {
 protected:
  static Options options() {
    Options options;
    options.drain = 15s;
    options.cleanup = 1s;
    options.idle_grace = 200ms;
    options.lame_duck = LameDuck{};
    options.handle_signals = false;
    options.watchdog = false;
    options.log = [](std::string_view) {};
    return options;
  }

  void make(Options options, ServerOptions server_options = {}) {
    coordinator_.emplace(std::move(Coordinator::create(std::move(options)).value()));
    server_.emplace(*coordinator_, std::move(server_options));
    server_->Get("/", [](const auto&, auto& response) { response.set_content("hello", "text/plain"); });
    server_->Get("/held", [this](const auto&, auto& response) {
      entered_.release();
      go_on_.acquire();
      response.set_content("held", "text/plain");
    });
  }

  void start() {
    port_ = server_->start("127.0.0.1:0").value();
    running_ = std::jthread([this] { report_.emplace(coordinator_->run()); });
  }

  /// Returns once the responses say that the server drains.
  void begin_shutdown() {
    std::latch announced(1);
    coordinator_->on_announce([&] { announced.count_down(); });
    coordinator_->shutdown("test");
    announced.wait();
  }

  const DrainReport& report() {
    running_.join();
    return *report_;
  }

  std::optional<Coordinator> coordinator_;
  std::optional<Server> server_;
  std::uint16_t port_ = 0;
  std::counting_semaphore<> entered_{0};
  std::counting_semaphore<> go_on_{0};
  std::optional<DrainReport> report_;
  std::jthread running_;
};

TEST_F(HttplibServer, ServesAndKeepsConnectionsAlive) {
  make(options());
  start();
  Client client(port_);
  for (int i = 0; i < 2; ++i) {
    client.get("/");
    EXPECT_THAT(client.response(), AllOf(StartsWith("HTTP/1.1 200"), HasSubstr("Keep-Alive: "),
                                         Not(HasSubstr("Connection: close"))));
  }
  coordinator_->shutdown("test");
  EXPECT_TRUE(client.ended());
  EXPECT_EQ(report().exit_code(), 0);
}

TEST_F(HttplibServer, AnswersPipelinedRequests) {
  make(options());
  start();
  Client client(port_);
  client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\nGET /nowhere HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_THAT(client.response(), StartsWith("HTTP/1.1 200"));
  EXPECT_THAT(client.response(), StartsWith("HTTP/1.1 404"));
  coordinator_->shutdown("test");
  EXPECT_TRUE(client.ended());
  EXPECT_EQ(report().exit_code(), 0);
}

TEST_F(HttplibServer, AnswersOneMoreRequestOnAConnectionKeptAlive) {
  Options slow = options();
  slow.idle_grace = 10s;
  make(slow);
  start();
  Client client(port_);
  client.get("/");
  client.response();
  begin_shutdown();
  client.get("/");
  EXPECT_THAT(client.response(), AllOf(StartsWith("HTTP/1.1 200"), HasSubstr("Connection: close"),
                                       Not(HasSubstr("Keep-Alive: "))));
  EXPECT_TRUE(client.ended());
  EXPECT_EQ(report().exit_code(), 0);
}

TEST_F(HttplibServer, SaysCloseInAResponseWhoseRequestCameBeforeTheShutdown) {
  make(options());
  start();
  Client client(port_);
  client.get("/held");
  entered_.acquire();
  begin_shutdown();
  go_on_.release();
  EXPECT_THAT(client.response(), AllOf(HasSubstr("held"), HasSubstr("Connection: close")));
  EXPECT_TRUE(client.ended());
  EXPECT_EQ(report().exit_code(), 0);
}

TEST_F(HttplibServer, ServesConnectionsThatWaitForAThread) {
  make(options());
  server_->new_task_queue = [] { return new ::httplib::ThreadPool(1); };
  start();
  std::vector<Client> clients;
  for (int i = 0; i < 3; ++i) {
    clients.emplace_back(port_).get("/held");
  }
  entered_.acquire();
  begin_shutdown();
  go_on_.release(3);
  for (Client& client : clients) {
    EXPECT_THAT(client.response(), AllOf(StartsWith("HTTP/1.1 200"), HasSubstr("Connection: close")));
    EXPECT_TRUE(client.ended());
  }
  EXPECT_EQ(report().exit_code(), 0);
  EXPECT_EQ(report_->scopes()[0].finished, 3U);
}

TEST_F(HttplibServer, RefusesAndTellsWhatStillWaitsForAThreadAtTheDeadline) {
  Options short_drain = options();
  short_drain.drain = 2s;
  make(short_drain);
  server_->new_task_queue = [] { return new ::httplib::ThreadPool(1); };
  start();
  Client served(port_);
  served.get("/held");
  entered_.acquire();
  std::vector<Client> waiting;
  for (int i = 0; i < 3; ++i) {
    waiting.emplace_back(port_).get("/held");
  }
  Client silent(port_);
  begin_shutdown();
  for (Client& client : waiting) {
    EXPECT_THAT(client.response(), AllOf(StartsWith("HTTP/1.1 503"), HasSubstr("Retry-After: "),
                                         HasSubstr("Connection: close")));
    EXPECT_TRUE(client.ended());
  }
  EXPECT_TRUE(silent.ended());
  EXPECT_EQ(report().exit_code(), 1);
  EXPECT_THAT(report_->to_text(), HasSubstr("requests that waited for a thread, answered 503: 3"));
  go_on_.release(4);
  server_.reset();
  EXPECT_FALSE(entered_.try_acquire()) << "a handler ran for a request that was refused";
}

TEST_F(HttplibServer, AnswersARequestWhoseHeadWasHalfSent) {
  Options slow = options();
  slow.idle_grace = 10s;
  make(slow);
  start();
  Client client(port_);
  client.send("GET / HTTP/1.1\r\nHo");
  begin_shutdown();
  client.send("st: a\r\n\r\n");
  EXPECT_THAT(client.response(), AllOf(StartsWith("HTTP/1.1 200"), HasSubstr("Connection: close")));
  EXPECT_TRUE(client.ended());
  EXPECT_EQ(report().exit_code(), 0);
}

TEST_F(HttplibServer, WaitsForTheRestOfAHeadNoLongerThanTheHeaderTimeout) {
  make(options(), {.header_timeout = 100ms});
  start();
  Client client(port_);
  client.send("GET / HTTP/1.1\r\nHo");
  coordinator_->shutdown("test");
  EXPECT_THAT(client.response(), StartsWith("HTTP/1.1 400"));
  EXPECT_TRUE(client.ended());
  EXPECT_EQ(report().exit_code(), 0);
}

TEST_F(HttplibServer, EndsAConnectionThatNeverSentAByte) {
  make(options());
  start();
  Client client(port_);
  coordinator_->shutdown("test");
  EXPECT_TRUE(client.ended());
  EXPECT_EQ(report().exit_code(), 0);
}

TEST_F(HttplibServer, CutsAStuckHandlerOffAtTheDeadlineAndNamesIt) {
  Options short_drain = options();
  short_drain.drain = 300ms;
  make(short_drain);
  start();
  Client client(port_);
  client.get("/held");
  entered_.acquire();
  coordinator_->shutdown("test");
  EXPECT_EQ(report().exit_code(), 1);
  EXPECT_THAT(report_->cut(), Contains(Field(&CutWork::label, "GET /held")));
  EXPECT_EQ(client.response(), "");
  go_on_.release();
}

TEST_F(HttplibServer, CallsTheUsersOwnRoutingHandlers) {
  make(options());
  server_->set_pre_routing_handler([](const auto& request, auto& response) {
    response.status = 418;
    return request.path == "/tea" ? Server::HandlerResponse::Handled : Server::HandlerResponse::Unhandled;
  });
  server_->set_post_routing_handler(
      [](const auto&, auto& response) { response.set_header("Connection", "close"); });
  start();
  Client client(port_);
  client.get("/tea");
  EXPECT_THAT(client.response(), AllOf(StartsWith("HTTP/1.1 418"), HasSubstr("Connection: close")));
  EXPECT_TRUE(client.ended());
  coordinator_->shutdown("test");
  EXPECT_EQ(report().exit_code(), 0);
}

TEST_F(HttplibServer, ServesAllWhoComeWhenOnlyOneConnectionMayBeOpen) {
  make(options(), {.max_connections = 1});
  start();
  std::vector<Client> clients;
  for (int i = 0; i < 5; ++i) {
    clients.emplace_back(port_).send("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  }
  for (Client& client : clients) {
    EXPECT_THAT(client.response(), StartsWith("HTTP/1.1 200"));
    EXPECT_TRUE(client.ended());
  }
  coordinator_->shutdown("test");
  EXPECT_EQ(report().exit_code(), 0);
}

TEST_F(HttplibServer, RefusesToStartOnceTheShutdownHasBegun) {
  make(options());
  coordinator_->shutdown("test");
  running_ = std::jthread([this] { report_.emplace(coordinator_->run()); });
  running_.join();
  EXPECT_FALSE(server_->start("127.0.0.1:0"));
}

TEST_F(HttplibServer, SaysWhyItCannotListen) {
  make(options());
  start();
  Server second(*coordinator_, {.name = "second"});
  const auto refused = second.start("127.0.0.1:" + std::to_string(port_));
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().what, HasSubstr("Address already in use"));
  coordinator_->shutdown("test");
  report();
}

TEST_F(HttplibServer, SaysThatItWasStartedAlready) {
  make(options());
  start();
  const auto again = server_->start("127.0.0.1:0");
  ASSERT_FALSE(again);
  EXPECT_THAT(again.error().what, HasSubstr("was started already"));
  coordinator_->shutdown("test");
  EXPECT_EQ(report().exit_code(), 0);
}

TEST_F(HttplibServer, SaysThatASecondServerNeedsANameOfItsOwn) {
  make(options());
  start();
  Server second(*coordinator_);
  const auto refused = second.start("127.0.0.1:0");
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().fix, HasSubstr("ServerOptions::name"));
  coordinator_->shutdown("test");
  EXPECT_EQ(report().exit_code(), 0);
}

}  // namespace
}  // namespace lastcall::httplib
