// Limits and timeouts: what is refused, who is waited for, and how much is kept.
#include <memory>
#include <utility>
#include <vector>

#include <gmock/gmock.h>

#include "proxy/testbed.h"

namespace lastcall::proxy {
namespace {

using testing::HasSubstr;
using testing::Not;

class LimitsTest : public ProxyTest {
 protected:
  struct Download {
    std::unique_ptr<Peer> client;
    std::unique_ptr<Peer> app_side;
  };

  /// A body of 50 MB that nobody takes, until the client is given up.
  Download stalled_download(std::string_view head) {
    settings.send_timeout = 50ms;
    start();
    Download download{.client = std::make_unique<Peer>(client()), .app_side = nullptr};
    download.client->send(kGet);
    download.app_side = std::make_unique<Peer>(app.accept());
    download.app_side->head();
    download.app_side->send(head);
    download.app_side->send_within(std::string(50'000'000, 'x'), kPatience);
    return download;
  }
};

constexpr std::string_view kUpload = "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 10000\r\n\r\n";

TEST_F(LimitsTest, AnswersAHeadThatDoesNotArriveInTime) {
  settings.header_timeout = 30ms;
  start();
  Peer client = this->client();
  client.send("GET /a HTTP/1.1\r\nHo");
  const Response response = client.response();
  EXPECT_EQ(response.status(), 408);
  EXPECT_TRUE(response.closes());
}

TEST_F(LimitsTest, EndsABodyThatComesTooSlowly) {
  settings.body_window = 30ms;
  start();
  Peer client = this->client();
  client.send(kUpload);
  EXPECT_EQ(client.response().status(), 408);
}

TEST_F(LimitsTest, LetsABodyTakeItsTimeAtTheRateThatIsAskedFor) {
  settings.body_window = 50ms;
  settings.min_body_rate = 1;
  start();
  Peer client = this->client();
  client.send("POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 8\r\n\r\n");
  Peer app_side = app.accept();
  app_side.head();
  for (int i = 0; i < 8; ++i) {
    EXPECT_TRUE(client.quiet());
    client.send("x");
  }
  EXPECT_EQ(app_side.read(8), "xxxxxxxx");
  app_side.send(kOk);
  EXPECT_EQ(client.response().body, "hi");
}

TEST_F(LimitsTest, WaitsForABodyForEverIfNoRateIsAskedFor) {
  settings.body_window = 10ms;
  settings.min_body_rate = 0;
  start();
  Peer client = this->client();
  client.send(kUpload);
  Peer app_side = app.accept();
  app_side.head();
  EXPECT_TRUE(client.quiet());
  EXPECT_TRUE(client.quiet());
  client.send(std::string(10'000, 'x'));
  EXPECT_EQ(app_side.read(10'000).size(), 10'000U);
}

TEST_F(LimitsTest, DoesNotBlameTheClientForWaitingForContinue) {
  settings.body_window = 10ms;
  start();
  Peer client = this->client();
  client.send("POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
  Peer app_side = app.accept();
  app_side.head();
  EXPECT_TRUE(client.quiet());
  app_side.send("HTTP/1.1 100 Continue\r\n\r\n");
  EXPECT_EQ(client.response().status(), 100);
  EXPECT_EQ(client.response().status(), 408);
}

TEST_F(LimitsTest, DoesNotBlameTheClientForAnAppThatTakesNoBody) {
  settings.body_window = 1s;
  const std::string body(50'000'000, 'b');
  start();
  Peer client = this->client();
  client.send("POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 50000000\r\n\r\n");
  Peer app_side = app.accept();
  app_side.head();
  const std::size_t sent = client.send_within(body, 1100ms);
  ASSERT_LT(sent, body.size());
  EXPECT_TRUE(client.quiet());
  std::thread writer([&] { client.send(std::string_view(body).substr(sent)); });
  EXPECT_EQ(app_side.read(body.size()).size(), body.size());
  writer.join();
  app_side.send(kOk);
  EXPECT_EQ(client.response().body, "hi");
}

TEST_F(LimitsTest, ClosesAnIdleConnectionAfterItsTime) {
  settings.idle_timeout = 30ms;
  start();
  Peer silent = client();
  EXPECT_EQ(silent.end(), Peer::End::closed);
  Peer idle = client();
  idle.send(kGet);
  Peer app_side = app.accept();
  app_side.head();
  app_side.send(kOk);
  EXPECT_EQ(idle.response().body, "hi");
  EXPECT_EQ(idle.end(), Peer::End::closed);
}

TEST_F(LimitsTest, KeepsAnIdleConnectionForEverIfNoTimeIsSet) {
  settings.idle_timeout = 0s;
  start();
  Peer idle = client();
  EXPECT_TRUE(idle.quiet());
  idle.send(kGet);
  Peer app_side = app.accept();
  app_side.head();
  app_side.send(kOk);
  EXPECT_EQ(idle.response().body, "hi");
  EXPECT_TRUE(idle.quiet());
  EXPECT_EQ(exchange(idle, app_side).body, "hi");
}

TEST_F(LimitsTest, Answers504IfTheAppTakesTooLong) {
  settings.upstream_timeout = 30ms;
  start();
  Peer client = this->client();
  client.send(kGet);
  Peer app_side = app.accept();
  EXPECT_EQ(client.response().status(), 504);
  app_side.head();
  EXPECT_EQ(app_side.end(), Peer::End::closed);
}

TEST_F(LimitsTest, CountsNoInterimResponseAsTheBeginningOfTheResponse) {
  settings.upstream_timeout = 100ms;
  start();
  Peer client = this->client();
  client.send(kGet);
  Peer app_side = app.accept();
  app_side.head();
  app_side.send("HTTP/1.1 103 Early Hints\r\n\r\n");
  EXPECT_THAT(client.read_to_end(), HasSubstr("HTTP/1.1 504 "));
}

TEST_F(LimitsTest, LetsAResponseTakeItsTimeOnceItHasBegun) {
  settings.upstream_timeout = 30ms;
  start();
  Peer client = this->client();
  client.send(kGet);
  Peer app_side = app.accept();
  app_side.head();
  app_side.send("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nab");
  client.read_until("ab");
  EXPECT_TRUE(client.quiet());
  EXPECT_TRUE(client.quiet());
  app_side.send("cd");
  EXPECT_EQ(client.read(2), "cd");
}

TEST_F(LimitsTest, RefusesABodyOverTheLimit) {
  settings.max_body = 1000;
  start();
  Peer client = this->client();
  client.send(kUpload);
  client.send(std::string(10'000, 'x'));
  EXPECT_EQ(client.response().status(), 413);
  Peer early = this->client();
  early.send("POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3ea\r\n" +
             std::string(1002, 'x'));
  EXPECT_EQ(early.response().status(), 413);
  EXPECT_TRUE(app.nobody_waits());

  Peer late = this->client();
  late.send("POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3e9\r\n" +
            std::string(1000, 'x'));
  Peer app_side = app.accept();
  EXPECT_THAT(app_side.read_until("xxx"), HasSubstr("xxx"));
  late.send("x\r\n");
  EXPECT_EQ(late.response().status(), 413);
  EXPECT_EQ(app_side.end(), Peer::End::closed);
}

TEST_F(LimitsTest, DeliversA413ToAClientThatSaysCloseAndSendsItAll) {
  settings.max_body = 1000;
  start();
  Peer client = this->client();
  client.send("POST /a HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 3000000\r\n\r\n");
  client.send(std::string(3'000'000, 'x'));
  EXPECT_EQ(client.response().status(), 413);
  client.finish();
  EXPECT_EQ(client.end(), Peer::End::closed);
}

TEST_F(LimitsTest, RefusesAHeadOverTheLimit) {
  settings.head_limits.head_bytes = 2000;
  start();
  Peer client = this->client();
  client.send("GET /a HTTP/1.1\r\nHost: a\r\nX: " + std::string(3000, 'x'));
  EXPECT_EQ(client.response().status(), 431);
}

TEST_F(LimitsTest, TakesNoMoreConnectionsThanAllowed) {
  settings.max_connections = 2;
  start();
  Peer first = client();
  Peer second = client();
  EXPECT_TRUE(wait_for(&drain::InFlight::silent, 2));
  Peer third = client();
  third.send(kGet);
  EXPECT_TRUE(third.quiet());
  EXPECT_TRUE(wait_for([&] { return log().find("not_accepting") != std::string::npos; }));
  first.close();
  Peer app_side = app.accept();
  app_side.head();
  app_side.send(kOk);
  EXPECT_EQ(third.response().body, "hi");
}

TEST_F(LimitsTest, WarnsOfNoRoomOnlyOnceNoWorkerHasAny) {
  settings.workers = 2;
  settings.max_connections = 4;
  start();
  std::vector<Peer> clients;
  for (std::uint64_t count = 1; count <= 3; ++count) {
    clients.push_back(client());
    EXPECT_TRUE(wait_for(&drain::InFlight::silent, count));
  }
  EXPECT_THAT(log(), Not(HasSubstr("not_accepting"))) << "one of the two is full";
  clients.push_back(client());
  EXPECT_TRUE(wait_for([&] { return log().find("not_accepting") != std::string::npos; }));
}

TEST_F(LimitsTest, NamesTheLimitThatTheHeadOfAResponseExceeds) {
  settings.access_log = true;
  settings.head_limits = {.head_bytes = 2000, .fields = 5};
  start();
  const std::pair<std::string, std::string> answers[] = {
      {"X: " + std::string(3000, 'x') + "\r\n", "larger than 2000 bytes, the limit of --max-head"},
      {"A: 1\r\nB: 1\r\nC: 1\r\nD: 1\r\nE: 1\r\nF: 1\r\n", "more than 5 fields, the limit of --max-headers"}};
  for (const auto& [fields, why] : answers) {
    Peer client = this->client();
    client.send(kGet);
    Peer app_side = app.accept();
    app_side.head();
    app_side.send("HTTP/1.1 200 OK\r\n" + fields + "\r\n");
    const Response response = client.response();
    EXPECT_EQ(response.status(), 502);
    EXPECT_THAT(response.body, HasSubstr(why));
  }
  EXPECT_THAT(log(), HasSubstr("error=response_too_large"));
}

TEST_F(LimitsTest, KeepsLittleOfALargeBodyForASlowReader) {
  start();
  Peer client = this->client();
  client.send(kGet);
  Peer app_side = app.accept();
  app_side.head();
  std::string body(50'000'000, ' ');
  for (std::size_t i = 0; i < body.size(); ++i) {
    body[i] = static_cast<char>('a' + i % 23);
  }
  app_side.send("HTTP/1.1 200 OK\r\nContent-Length: 50000000\r\n\r\n");
  const std::size_t sent = app_side.send_within(body, 100ms);
  EXPECT_LT(sent, 24'000'000U) << "the kernel's buffers and one of ours";
  EXPECT_EQ(in_flight().downloads, 1U);
  std::thread writer([&] { app_side.send(std::string_view(body).substr(sent)); });
  client.head();
  EXPECT_TRUE(client.read(body.size()) == body);
  writer.join();
}

TEST_F(LimitsTest, DropsAClientThatTakesNothing) {
  const auto [client, app_side] = stalled_download("HTTP/1.1 200 OK\r\nContent-Length: 50000000\r\n\r\n");
  EXPECT_NE(app_side->end(), Peer::End::open);
}

TEST_F(LimitsTest, DropsAClientThatTakesNothingSoThatItCannotTakeWhatItGotForTheWholeBody) {
  const auto [client, app_side] = stalled_download("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(client->end(), Peer::End::reset);
}

TEST_F(LimitsTest, HoldsRequestsUntilTheAppIsReady) {
  start(false);
  Peer get = client();
  get.send(kGet);
  Peer post = client();
  post.send(kUpload);
  EXPECT_TRUE(wait_for(&drain::InFlight::requests, 2));
  post.send(std::string(10'000, 'x'));
  EXPECT_TRUE(app.nobody_waits());
  tell(&Proxy::app_ready);
  for (int i = 0; i < 2; ++i) {
    Peer app_side = app.accept();
    const bool upload = app_side.head().starts_with("POST");
    EXPECT_EQ(app_side.read(upload ? 10'000 : 0).size(), upload ? 10'000U : 0U);
    app_side.send(kOk);
    EXPECT_EQ((upload ? post : get).response().body, "hi");
  }
}

TEST_F(LimitsTest, HoldsNoMoreThanAllowed) {
  settings.max_held = 2;
  start(false);
  Peer first = client();
  Peer second = client();
  first.send(kGet);
  second.send(kGet);
  EXPECT_TRUE(wait_for(&drain::InFlight::requests, 2));
  Peer third = client();
  third.send(kGet);
  const Response response = third.response();
  EXPECT_EQ(response.status(), 503);
  EXPECT_TRUE(response.has("Retry-After: "));
  first.reset();
  EXPECT_TRUE(wait_for(&drain::InFlight::requests, 1));
  Peer fourth = client();
  fourth.send(kGet);
  EXPECT_TRUE(wait_for(&drain::InFlight::requests, 2));
}

TEST_F(LimitsTest, GivesEveryoneATurnBesideAConnectionThatNeverRests) {
  start();
  Peer busy = client();
  busy.send("POST /busy HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
  Peer busy_app = app.accept();
  busy_app.head();
  std::atomic<bool> stop = false;
  std::thread writer([&] {
    const std::string chunk = "10000\r\n" + std::string(0x10000, 'x') + "\r\n";
    while (!stop) {
      busy.send(chunk);
    }
    busy.send("0\r\n\r\n");
  });
  std::thread reader([&] { busy_app.read_until("\r\n0\r\n\r\n"); });
  Peer calm = client();
  calm.send(kGet);
  Peer app_side = app.accept();
  app_side.head();
  app_side.send(kOk);
  EXPECT_EQ(calm.response().body, "hi");
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(exchange(calm, app_side).body, "hi");
  }
  stop = true;
  writer.join();
  reader.join();
}

TEST_F(LimitsTest, SharesConnectionsBetweenTwoShards) {
  settings.workers = 2;
  start();
  const auto both_accept = [&] {
    return ask([](Proxy& proxy) {
      return proxy.shards()[0]->counters().accepted.get() > 0 &&
             proxy.shards()[1]->counters().accepted.get() > 0;
    });
  };
  // On a busy machine one of them may be late to the first hundreds.
  constexpr int kMost = 20'000;
  int connections = 0;
  while (!both_accept() && connections < kMost) {
    const Peer connected = client();
    ++connections;
  }
  EXPECT_LT(connections, kMost);
}

}  // namespace
}  // namespace lastcall::proxy
