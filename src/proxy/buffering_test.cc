// Slow clients kept from the app: bodies gathered before it is asked, responses taken off its hands.
#include <gmock/gmock.h>

#include "proxy/testbed.h"

namespace lastcall::proxy {
namespace {

using testing::HasSubstr;

class BufferingTest : public ProxyTest {
 protected:
  static constexpr std::string_view kUpload = "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n";

  /// Bytes of responses that have come from the app.
  std::uint64_t taken() {
    return ask([](Proxy& proxy) { return proxy.shards()[0]->counters().bytes_out.get(); });
  }

  void begin_drain() {
    tell(&Proxy::unready);
    tell(&Proxy::announce);
    tell(&Proxy::close_listener);
    tell([](Proxy& proxy) { proxy.drain(sys::now() + kPatience); });
  }

  /// The app's side of a request of `client`, whose answer has begun with `head`.
  Peer begin_answer(Peer& client, std::string_view head) {
    client.send(kGet);
    Peer app_side = app.accept();
    app_side.head();
    app_side.send(head);
    return app_side;
  }

  /// A body whose pieces can be told from each other.
  static std::string body_of(std::size_t size) {
    std::string body(size, ' ');
    for (std::size_t i = 0; i < size; ++i) {
      body[i] = static_cast<char>('a' + i % 23);
    }
    return body;
  }
};

TEST_F(BufferingTest, AsksTheAppOnlyOnceTheWholeBodyHasCome) {
  settings.buffer_request = 1000;
  start();
  Peer client = this->client();
  client.send(kUpload);
  client.send("01234");
  EXPECT_TRUE(wait_for(&drain::InFlight::uploads, 1));
  EXPECT_TRUE(app.nobody_waits());
  client.send("56789");
  Peer app_side = app.accept();
  EXPECT_THAT(app_side.head(), HasSubstr("Content-Length: 10\r\n"));
  EXPECT_EQ(app_side.read(10), "0123456789");
  app_side.send(kOk);
  EXPECT_EQ(client.response().body, "hi");
}

TEST_F(BufferingTest, GathersChunksToo) {
  settings.buffer_request = 1000;
  start();
  Peer client = this->client();
  client.send("POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n01234\r\n");
  EXPECT_TRUE(wait_for(&drain::InFlight::uploads, 1));
  EXPECT_TRUE(app.nobody_waits());
  client.send("2\r\n56\r\n0\r\n\r\n");
  Peer app_side = app.accept();
  app_side.head();
  EXPECT_EQ(app_side.read_until("0\r\n\r\n"), "5\r\n01234\r\n2\r\n56\r\n0\r\n\r\n");
  app_side.send(kOk);
  EXPECT_EQ(client.response().body, "hi");
}

TEST_F(BufferingTest, RelaysWhatExceedsTheBufferAsItComes) {
  constexpr std::size_t kSize = 3'000'000;
  const std::string body = body_of(kSize);
  settings.buffer_request = 1'000'000;
  start();
  Peer client = this->client();
  client.send("POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 3000000\r\n\r\n");
  client.send(std::string_view(body).substr(0, 900'000));
  EXPECT_TRUE(wait_for(&drain::InFlight::uploads, 1));
  EXPECT_TRUE(app.nobody_waits());
  client.send(std::string_view(body).substr(900'000, 600'000));
  Peer app_side = app.accept();
  app_side.head();
  EXPECT_TRUE(app_side.read(1'500'000) == body.substr(0, 1'500'000));
  std::thread writer([&] { client.send(std::string_view(body).substr(1'500'000)); });
  EXPECT_TRUE(app_side.read(1'500'000) == body.substr(1'500'000));
  writer.join();
  app_side.send(kOk);
  EXPECT_EQ(client.response().body, "hi");
}

TEST_F(BufferingTest, SendsWhatItGatheredAgainWhereThatIsSafe) {
  const std::string body = body_of(600'000);
  settings.buffer_request = 1'000'000;
  start();
  Peer client = this->client();
  client.send(kGet);
  Peer first = app.accept();
  first.head();
  first.send(kOk);
  EXPECT_EQ(client.response().body, "hi");
  client.send("PUT /a HTTP/1.1\r\nHost: a\r\nContent-Length: 600000\r\n\r\n");
  client.send(body);
  first.head();
  first.reset();
  Peer second = app.accept();
  second.head();
  EXPECT_TRUE(second.read(body.size()) == body);
  second.send(kOk);
  EXPECT_EQ(client.response().body, "hi");
}

TEST_F(BufferingTest, LetsARequestWithoutABodyThroughAtOnce) {
  settings.buffer_request = 1000;
  start();
  Peer client = this->client();
  Peer slow = this->client();
  slow.send(kUpload);
  client.send(kGet);
  Peer app_side = app.accept();
  app_side.head();
  app_side.send(kOk);
  EXPECT_EQ(client.response().body, "hi");
  EXPECT_TRUE(app.nobody_waits());
}

TEST_F(BufferingTest, SaysContinueInTheAppsPlaceAndNotTwice) {
  settings.buffer_request = 1000;
  start();
  Peer client = this->client();
  client.send("POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(client.head(), "HTTP/1.1 100 Continue\r\n\r\n");
  client.send("ab");
  Peer app_side = app.accept();
  app_side.head();
  EXPECT_EQ(app_side.read(2), "ab");
  app_side.send("HTTP/1.1 100 Continue\r\n\r\n");
  app_side.send(kOk);
  EXPECT_EQ(client.response().status(), 200);
}

TEST_F(BufferingTest, GivesUpOnABodyThatComesTooSlowly) {
  settings.buffer_request = 1000;
  settings.body_window = 30ms;
  start();
  Peer client = this->client();
  client.send(kUpload);
  client.send("0123");
  EXPECT_EQ(client.response().status(), 408);
  EXPECT_TRUE(app.nobody_waits());
}

TEST_F(BufferingTest, RefusesWhatIsTooLargeOrMalformedWithoutAskingTheApp) {
  settings.buffer_request = 100'000;
  settings.max_body = 1000;
  start();
  Peer large = client();
  large.send("POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n01234\r\n");
  EXPECT_TRUE(wait_for(&drain::InFlight::uploads, 1));
  large.send("3e8\r\n" + std::string(1000, 'x') + "\r\n");
  EXPECT_EQ(large.response().status(), 413);
  Peer malformed = client();
  malformed.send("POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n01234\r\n");
  EXPECT_TRUE(wait_for(&drain::InFlight::uploads, 1));
  malformed.send("zz\r\n");
  EXPECT_EQ(malformed.response().status(), 400);
  EXPECT_TRUE(app.nobody_waits());
}

TEST_F(BufferingTest, AClientThatLeavesCostsTheAppNothing) {
  settings.buffer_request = 1000;
  start();
  Peer client = this->client();
  client.send(kUpload);
  EXPECT_TRUE(wait_for(&drain::InFlight::uploads, 1));
  client.reset();
  EXPECT_TRUE(wait_for(&drain::InFlight::uploads, 0));
  EXPECT_TRUE(app.nobody_waits());
}

TEST_F(BufferingTest, AnUploadThatIsGatheredWhenTheDrainBeginsIsServed) {
  settings.buffer_request = 1000;
  start();
  Peer client = this->client();
  client.send(kUpload);
  EXPECT_TRUE(wait_for(&drain::InFlight::uploads, 1));
  begin_drain();
  EXPECT_EQ(told.get(told.drains), 0);
  client.send("0123456789");
  Peer app_side = app.accept();
  app_side.head();
  app_side.send(kOk);
  const Response response = client.response();
  EXPECT_EQ(response.body, "hi");
  EXPECT_TRUE(response.closes());
  EXPECT_TRUE(told.wait(told.drains));
}

TEST_F(BufferingTest, AnUploadThatIsGatheredWhenTheAppGoesIsRefusedAtOnce) {
  settings.buffer_request = 1000;
  start();
  Peer client = this->client();
  client.send(kUpload);
  EXPECT_TRUE(wait_for(&drain::InFlight::uploads, 1));
  tell(&Proxy::app_gone);
  const Response response = client.response();
  EXPECT_EQ(response.status(), 503);
  EXPECT_TRUE(response.has("Retry-After: "));
}

TEST_F(BufferingTest, GathersWhileTheAppIsStillStarting) {
  settings.buffer_request = 1000;
  start(false);
  Peer client = this->client();
  client.send(kUpload);
  client.send("0123456789");
  EXPECT_TRUE(wait_for(&drain::InFlight::uploads, 0));
  tell(&Proxy::app_ready);
  Peer app_side = app.accept();
  app_side.head();
  EXPECT_EQ(app_side.read(10), "0123456789");
}

TEST_F(BufferingTest, TakesAResponseOffTheAppsHandsForASlowClient) {
  constexpr std::size_t kSize = 30'000'000;
  const std::string body = body_of(kSize);
  settings.buffer_response = kSize;
  start();
  Peer client = this->client();
  Peer app_side = begin_answer(client, "HTTP/1.1 200 OK\r\nContent-Length: 30000000\r\n\r\n");
  app_side.send(body);
  ASSERT_TRUE(wait_for([&] { return taken() > kSize; }));
  EXPECT_EQ(in_flight().downloads, 1U);
  Peer other = this->client();
  EXPECT_EQ(exchange(other, app_side).body, "hi") << "the app's connection is free again";
  client.head();
  EXPECT_TRUE(client.read(kSize) == body);
}

TEST_F(BufferingTest, TakesNoMoreThanTheBufferHolds) {
  constexpr std::size_t kSize = 50'000'000;
  const std::string body = body_of(kSize);
  settings.buffer_response = 8'000'000;
  start();
  Peer client = this->client();
  Peer app_side = begin_answer(client, "HTTP/1.1 200 OK\r\nContent-Length: 50000000\r\n\r\n");
  const std::size_t sent = app_side.send_within(body, 100ms);
  EXPECT_GT(sent, 8'000'000U);
  EXPECT_LT(sent, 32'000'000U) << "the kernel's buffers, one read and ours";
  std::thread writer([&] { app_side.send(std::string_view(body).substr(sent)); });
  client.head();
  EXPECT_TRUE(client.read(kSize) == body);
  writer.join();
}

TEST_F(BufferingTest, ABufferedResponseIsInFlightUntilItIsDelivered) {
  constexpr std::size_t kSize = 30'000'000;
  const std::string body = body_of(kSize);
  settings.buffer_response = kSize;
  start();
  Peer client = this->client();
  Peer app_side = begin_answer(client, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n");
  app_side.send(body);
  app_side.close();
  begin_drain();
  EXPECT_TRUE(told.wait(told.closed));
  EXPECT_EQ(told.get(told.drains), 0);
  client.head();
  EXPECT_TRUE(client.read_to_end() == body);
  client.finish();
  EXPECT_TRUE(told.wait(told.drains));
  EXPECT_EQ(traffic().finished, 1U);
}

}  // namespace
}  // namespace lastcall::proxy
