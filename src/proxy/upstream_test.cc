// The app's side: connections that are refused, stale or gone, and what may be sent again.
#include "proxy/upstream.h"

#include <gmock/gmock.h>

#include "proxy/testbed.h"

namespace lastcall::proxy {
namespace {

using testing::StartsWith;

constexpr std::string_view kPost = "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc";

class UpstreamTest : public ProxyTest {
 protected:
  /// Leaves one idle connection to the app behind.
  Peer idle_connection(Peer& client, std::string_view answer = kOk) {
    client.send(kGet);
    Peer app_side = app.accept();
    app_side.head();
    app_side.send(answer);
    client.response();
    return app_side;
  }
};

TEST_F(UpstreamTest, WaitsForAnAppThatRefusesForAMoment) {
  start();
  app.stop_listening();
  Peer client = this->client();
  client.send(kPost);
  EXPECT_TRUE(wait_for(&drain::InFlight::requests, 1));
  EXPECT_TRUE(client.quiet());
  app.listen_again();
  Peer app_side = app.accept();
  EXPECT_THAT(app_side.head(), StartsWith("POST /a"));
  EXPECT_EQ(app_side.read(3), "abc");
  app_side.send(kOk);
  EXPECT_EQ(client.response().body, "hi");
}

TEST_F(UpstreamTest, TakesTheRestOfAnUploadAfterARefusedConnect) {
  start();
  app.stop_listening();
  Peer client = this->client();
  client.send("POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\n\r\nabc");
  EXPECT_TRUE(wait_for(&drain::InFlight::uploads, 1));
  client.send("def");
  EXPECT_TRUE(client.quiet());
  app.listen_again();
  Peer app_side = app.accept();
  app_side.head();
  EXPECT_EQ(app_side.read(6), "abcdef");
}

TEST_F(UpstreamTest, GivesUpOnAnAppThatGoesOnRefusing) {
  start();
  app.stop_listening();
  const Time before = sys::now();
  Peer client = this->client();
  client.send(kGet);
  EXPECT_EQ(client.response().status(), 502);
  EXPECT_GE(sys::now() - before, kRefusedRetryTotal);
}

TEST_F(UpstreamTest, SendsAGetAgainThatMetADyingConnection) {
  start();
  Peer client = this->client();
  Peer stale = idle_connection(client);
  client.send(kGet);
  stale.head();
  stale.reset();
  Peer fresh = app.accept();
  EXPECT_THAT(fresh.head(), StartsWith("GET /a?secret=1 HTTP/1.1\r\n"));
  fresh.send(kOk);
  EXPECT_EQ(client.response().body, "hi");
}

TEST_F(UpstreamTest, SendsAGetAgainOnlyOnce) {
  start();
  Peer client = this->client();
  Peer stale = idle_connection(client);
  client.send(kGet);
  stale.head();
  stale.close();
  Peer fresh = app.accept();
  fresh.head();
  fresh.close();
  EXPECT_EQ(client.response().status(), 502);
  EXPECT_TRUE(app.nobody_waits());
}

TEST_F(UpstreamTest, NeverSendsAPostAgain) {
  start();
  Peer client = this->client();
  Peer stale = idle_connection(client);
  client.send(kPost);
  stale.head();
  stale.close();
  EXPECT_EQ(client.response().status(), 502);
  EXPECT_TRUE(app.nobody_waits());
}

TEST_F(UpstreamTest, NeverSendsAgainWhatAFreshConnectionHasTaken) {
  start();
  Peer client = this->client();
  client.send(kGet);
  Peer app_side = app.accept();
  app_side.head();
  app_side.reset();
  EXPECT_EQ(client.response().status(), 502);
  EXPECT_TRUE(app.nobody_waits());
}

TEST_F(UpstreamTest, NeverSendsAgainOnceAByteOfTheResponseHasCome) {
  start();
  Peer client = this->client();
  Peer stale = idle_connection(client);
  client.send(kGet);
  stale.head();
  stale.send("H");
  stale.close();
  EXPECT_EQ(client.response().status(), 502);
  EXPECT_TRUE(app.nobody_waits());
}

TEST_F(UpstreamTest, LeavesAConnectionThatTheAppClosesAtOnce) {
  start();
  Peer client = this->client();
  Peer app_side = idle_connection(client);
  app_side.finish();
  EXPECT_EQ(app_side.end(), Peer::End::closed);
  client.send(kPost);
  Peer fresh = app.accept();
  fresh.read_until("abc");
  fresh.send(kOk);
  EXPECT_EQ(client.response().body, "hi");
}

TEST_F(UpstreamTest, KeepsNoConnectionThatTheAppWillCloseWithinASecond) {
  start();
  for (const std::string field : {"Keep-Alive: timeout=1", "Connection: close"}) {
    Peer client = this->client();
    Peer app_side = idle_connection(client, "HTTP/1.1 200 OK\r\n" + field + "\r\nContent-Length: 0\r\n\r\n");
    EXPECT_EQ(app_side.end(), Peer::End::closed) << field;
  }
}

TEST_F(UpstreamTest, ClosesIdleConnectionsBeforeTheAppIsAskedToStop) {
  start();
  Peer client = this->client();
  Peer app_side = idle_connection(client);
  tell(&Proxy::app_gone);
  EXPECT_EQ(app_side.end(), Peer::End::closed);
}

TEST_F(UpstreamTest, ReachesAnAppOnAUnixSocket) {
  const std::string unique = std::to_string(sys::now().time_since_epoch().count());
  app = App(*sys::parse_address("unix:@lastcall-proxy-test-" + unique));
  start();
  Peer client = this->client();
  Peer app_side = idle_connection(client);
  EXPECT_EQ(exchange(client, app_side).body, "hi");
}

/// The pool alone, on a time of its own: its shard's thread is never started.
class PoolTest : public testing::Test, ShardObserver {
 protected:
  static Settings settings_for(const App& app) {
    Settings settings;
    settings.upstream = app.address();
    return settings;
  }

  void accepting() override {}

  bool shard_full() override { return true; }

  void shard_has_room() override {}

  void not_accepting(NotAccepting, std::size_t) override {}

  void redialled() override {}

  void shard_drained() override {}

  void shard_lingered() override {}

  void log_access(const AccessEntry&) override {}

  Upstream& connection() {
    int error = 0;
    Upstream* upstream = pool.connect(error);
    EXPECT_NE(upstream, nullptr);
    return *upstream;
  }

  App app;
  Settings settings = settings_for(app);
  sys::UniqueFd listener{sys::listen_on(any_loopback_port(), 1)};
  Shard shard{settings, listener.get(), *this};
  UpstreamPool& pool = shard.pool();
  const Time start = sys::now();
};

TEST_F(PoolTest, GivesAPostOnlyAConnectionIdleForAMoment) {
  Upstream& upstream = connection();
  pool.release(upstream, 0s, start);
  EXPECT_EQ(pool.reuse(false, start + kUnsafeReuseIdle), &upstream);
  pool.release(upstream, 0s, start);
  EXPECT_EQ(pool.reuse(false, start + kUnsafeReuseIdle + 1ms), nullptr);
  EXPECT_LE(kUnsafeReuseIdle, 1s);
}

TEST_F(PoolTest, DoesNotGrowByPostsAfterPauses) {
  Upstream& oldest = connection();
  Upstream& youngest = connection();
  pool.release(oldest, 0s, start);
  pool.release(youngest, 0s, start);
  EXPECT_EQ(pool.reuse(false, start + 1s), nullptr);
  EXPECT_EQ(pool.reuse(true, start + 1s), &youngest);
  EXPECT_EQ(pool.reuse(true, start + 1s), nullptr);
}

TEST_F(PoolTest, ClosesAnIdleConnectionBeforeAnAppWouldThatAdvertisesNothing) {
  pool.release(connection(), 0s, start);
  EXPECT_EQ(pool.expire(start + 1s), start + 4s);
  EXPECT_EQ(pool.reuse(true, start + 4s), nullptr);
  EXPECT_EQ(pool.expire(start + 4s), Time::max());
}

TEST_F(PoolTest, ClosesAnIdleConnectionASecondBeforeTheAdvertisedTime) {
  pool.release(connection(), 10s, start);
  EXPECT_EQ(pool.expire(start + 8s), start + 9s);
  EXPECT_NE(pool.reuse(true, start + 8999ms), nullptr);
}

TEST_F(PoolTest, ClosesEachIdleConnectionInItsOwnTime) {
  Upstream& patient = connection();
  pool.release(patient, 10s, start);
  pool.release(connection(), 3s, start);
  EXPECT_EQ(pool.expire(start + 1s), start + 2s);
  EXPECT_EQ(pool.expire(start + 2s), start + 9s);
  EXPECT_EQ(pool.reuse(true, start + 2s), &patient);
}

TEST_F(PoolTest, GivesNoConnectionOnWhichTheAppHasSaidSomething) {
  Upstream& upstream = connection();
  pool.release(upstream, 0s, start);
  upstream.stream().note(sys::kReadable);
  EXPECT_EQ(pool.reuse(true, start), nullptr);
}

TEST_F(PoolTest, PrefersTheConnectionUsedLast) {
  Upstream& older = connection();
  Upstream& newer = connection();
  pool.release(older, 0s, start);
  pool.release(newer, 0s, start + 1s);
  EXPECT_EQ(pool.reuse(true, start + 2s), &newer);
  EXPECT_EQ(pool.reuse(true, start + 2s), &older);
  EXPECT_EQ(pool.reuse(true, start + 2s), nullptr);
}

}  // namespace
}  // namespace lastcall::proxy
