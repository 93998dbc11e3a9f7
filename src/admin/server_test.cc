#include "admin/server.h"

#include <sys/resource.h>

#include <cerrno>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "admin/listener.h"
#include "admin/test_source.h"

namespace lastcall::admin {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

/// A server on a port of its own, and its loop, driven by the test.
class AdminServer : public testing::Test {
 protected:
  AdminServer()
      : listener_(*open_listener(*sys::parse_address("127.0.0.1:0"), Choice::asked)),
        address_(listener_.address),
        server_(loop_, std::move(listener_.fd), source_) {}

  sys::UniqueFd connect() {
    sys::UniqueFd fd(sys::connect_to(address_));
    EXPECT_TRUE(fd);
    return fd;
  }

  static void send(const sys::UniqueFd& client, std::string_view bytes) {
    EXPECT_EQ(sys::send(client.get(), bytes, false), static_cast<ssize_t>(bytes.size()));
  }

  /// Runs the loop until `done()` holds after a batch; fails after ten seconds.
  template <class Done>
  void run_until(Done done) {
    const Time give_up = sys::now() + 10s;
    bool in_time = true;
    loop_.on_batch([&](Time now) {
      const Time next = server_.tick(now);
      in_time = now < give_up;
      if (done() || !in_time) {
        loop_.stop();
      }
      return std::min(next, now + 5ms);
    });
    loop_.run();
    loop_.on_batch({});
    EXPECT_TRUE(in_time) << "the condition never held";
  }

  /// Everything that the server sends to `client` until it closes its side.
  std::string read_to_end(const sys::UniqueFd& client) {
    std::string received;
    run_until([&] {
      char bytes[65536];
      ssize_t count = 0;
      while ((count = sys::receive(client.get(), bytes)) > 0) {
        received.append(bytes, static_cast<std::size_t>(count));
      }
      if (count < 0 && count != -EAGAIN) {
        received += "<reset>";
      }
      return count != -EAGAIN;
    });
    return received;
  }

  std::string exchange(std::string_view request) {
    const sys::UniqueFd client = connect();
    send(client, request);
    return read_to_end(client);
  }

  TestSource source_;
  net::Loop loop_;
  Listener listener_;
  sys::Address address_;
  Server server_;
};

TEST_F(AdminServer, AnswersAProbeAndCloses) {
  const std::string response = exchange("GET /livez?probe=1 HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_THAT(response, StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_TRUE(response.ends_with("\r\n\r\nlive\n"));
}

TEST_F(AdminServer, SeesARequestThatArrivesInPieces) {
  const sys::UniqueFd client = connect();
  const std::string request = "HEAD /readyz HTTP/1.1\r\nHost: x\r\n\r\n";
  for (const char c : request) {
    send(client, {&c, 1});
    run_until([] { return true; });
  }
  const std::string response = read_to_end(client);
  EXPECT_THAT(response, StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_TRUE(response.ends_with("\r\n\r\n"));
}

TEST_F(AdminServer, RemembersWhenAProbeWasLastTold503) {
  EXPECT_THAT(exchange("GET /readyz HTTP/1.1\r\nHost: x\r\n\r\n"), StartsWith("HTTP/1.1 200"));
  EXPECT_EQ(server_.last_failed_probe(), std::nullopt);
  source_.view.readiness.phase = drain::Phase::draining;
  const Time before = sys::now();
  EXPECT_THAT(exchange("GET /livez HTTP/1.1\r\nHost: x\r\n\r\n"), StartsWith("HTTP/1.1 200"));
  EXPECT_EQ(server_.last_failed_probe(), std::nullopt);
  EXPECT_THAT(exchange("GET /readyz HTTP/1.1\r\nHost: x\r\n\r\n"), StartsWith("HTTP/1.1 503"));
  ASSERT_TRUE(server_.last_failed_probe());
  EXPECT_GE(*server_.last_failed_probe(), before);
}

TEST_F(AdminServer, RefusesWhatCouldChangeSomething) {
  const std::string response = exchange("POST /readyz HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc");
  EXPECT_THAT(response, StartsWith("HTTP/1.1 405 Method Not Allowed\r\n"));
  EXPECT_THAT(response, HasSubstr("Allow: GET, HEAD\r\n"));
}

TEST_F(AdminServer, AnswersEvenWhoSendsMoreThanItReads) {
  const std::string body(20'000, 'x');
  const std::string response = exchange("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 20000\r\n\r\n" + body);
  EXPECT_THAT(response, StartsWith("HTTP/1.1 405"));
  EXPECT_THAT(response, testing::Not(HasSubstr("<reset>")));
}

TEST_F(AdminServer, RefusesAMalformedHeadAndOneThatIsTooLong) {
  EXPECT_THAT(exchange("GET /livez HTTP/1.1\nHost: x\n\n"), StartsWith("HTTP/1.1 400 "));
  EXPECT_THAT(exchange("GET / HTTP/1.1\r\nHost: x\r\nA: " + std::string(10'000, 'a')),
              StartsWith("HTTP/1.1 431 "));
}

TEST_F(AdminServer, AnswersTheProbesOfOldBalancers) {
  EXPECT_THAT(exchange("GET /up HTTP/1.0\r\n\r\n"), StartsWith("HTTP/1.1 200 OK\r\n"));
}

TEST_F(AdminServer, WaitsWhileThereAreNoDescriptorsAndComesBack) {
#ifdef __SANITIZE_ADDRESS__
  GTEST_SKIP() << "the sanitizers themselves need descriptors to look at memory";
#endif
  const sys::UniqueFd client = connect();
  send(client, "GET /livez HTTP/1.1\r\nHost: x\r\n\r\n");
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
  const rlimit none{.rlim_cur = 0, .rlim_max = before.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &none), 0);
  int batches = 0;
  const Time start = sys::now();
  run_until([&] {
    ++batches;
    return sys::now() >= start + 50ms;
  });
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &before), 0);
  EXPECT_LT(batches, 50);
  EXPECT_EQ(server_.connections(), 0U);
  EXPECT_THAT(read_to_end(client), StartsWith("HTTP/1.1 200 OK\r\n"));
}

TEST_F(AdminServer, DeliversAPageThatDoesNotFitIntoTheSocket) {
  source_.samples = 1'000'000;
  const std::string response = exchange("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_GT(response.size(), 13'000'000U);
  EXPECT_TRUE(response.ends_with("test_total 1\n"));
}

TEST_F(AdminServer, EndsASilentConnectionAtItsDeadline) {
  const sys::UniqueFd client = connect();
  run_until([&] { return server_.connections() == 1; });
  const Time deadline = server_.tick(sys::now());
  EXPECT_LE(deadline, sys::now() + Server::kLifetime);
  EXPECT_EQ(server_.tick(deadline - 1ns), deadline);
  EXPECT_EQ(server_.connections(), 1U);
  EXPECT_EQ(server_.tick(deadline), Time::max());
  EXPECT_EQ(server_.connections(), 0U);
  EXPECT_EQ(read_to_end(client), "");
}

TEST_F(AdminServer, ForgetsAClientThatLeaves) {
  {
    const sys::UniqueFd client = connect();
    send(client, "GET /li");
    run_until([&] { return server_.connections() == 1; });
  }
  run_until([&] { return server_.connections() == 0; });
}

TEST_F(AdminServer, ACrowdOfSilentConnectionsKeepsNoProbeOut) {
  std::vector<sys::UniqueFd> crowd;
  for (std::size_t i = 0; i < Server::kMaxConnections + 10; ++i) {
    crowd.push_back(connect());
  }
  run_until([&] { return server_.connections() == Server::kMaxConnections; });
  EXPECT_THAT(exchange("GET /livez HTTP/1.1\r\nHost: x\r\n\r\n"), StartsWith("HTTP/1.1 200"));
  EXPECT_LE(server_.connections(), Server::kMaxConnections);
}

TEST(AdminListener, TheDefaultGivesWayToAnotherListener) {
  const auto first = open_listener(*sys::parse_address("127.0.0.1:0"), Choice::asked);
  ASSERT_TRUE(first);
  EXPECT_FALSE(first->moved);
  EXPECT_NE(first->address.port, 0);
  const auto second = open_listener(first->address, Choice::standard);
  ASSERT_TRUE(second);
  EXPECT_TRUE(second->moved);
  EXPECT_NE(second->address.port, first->address.port);
  EXPECT_EQ(second->address.host(), "127.0.0.1");
}

TEST(AdminListener, WhatWasAskedForIsHadOrAnError) {
  const auto first = open_listener(*sys::parse_address("127.0.0.1:0"), Choice::asked);
  ASSERT_TRUE(first);
  const auto second = open_listener(first->address, Choice::asked);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().exit_status, 125);
  EXPECT_THAT(second.error().what, HasSubstr(first->address.text()));
  EXPECT_THAT(second.error().fix, HasSubstr("--admin"));
}

}  // namespace
}  // namespace lastcall::admin
