// Upgraded connections: bytes both ways, each way to its own end.
#include <gmock/gmock.h>

#include "proxy/testbed.h"

namespace lastcall::proxy {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr std::string_view kUpgrade =
    "GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n";
constexpr std::string_view kSwitch =
    "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n";

class TunnelTest : public ProxyTest {
 protected:
  void open() {
    client.send(kUpgrade);
    app_side = app.accept();
    EXPECT_THAT(app_side.head(), HasSubstr("Upgrade: echo\r\n"));
    app_side.send(kSwitch);
    const Response response = client.response();
    EXPECT_EQ(response.status(), 101);
    EXPECT_TRUE(response.has("Upgrade: echo\r\n"));
    EXPECT_FALSE(response.closes());
  }

  void SetUp() override {
    start();
    client = this->connect();
  }

  Peer connect() { return ProxyTest::client(); }

  Peer client;
  Peer app_side;
};

TEST_F(TunnelTest, RelaysBothWaysAndEachEndOnItsOwn) {
  open();
  client.send("ping");
  EXPECT_EQ(app_side.read(4), "ping");
  app_side.send("pong");
  EXPECT_EQ(client.read(4), "pong");
  EXPECT_EQ(in_flight().tunnels, 1U);
  client.finish();
  EXPECT_EQ(app_side.end(), Peer::End::closed);
  app_side.send("the rest");
  app_side.close();
  EXPECT_EQ(client.read_to_end(), "the rest");
  EXPECT_TRUE(wait_for(&drain::InFlight::tunnels, 0));
}

TEST_F(TunnelTest, RelaysWhatTheClientSendsAfterTheAppHasEnded) {
  open();
  app_side.finish();
  EXPECT_EQ(client.end(), Peer::End::closed);
  const std::string rest(500'000, 'r');
  std::thread writer([&] {
    client.send(rest);
    client.close();
  });
  EXPECT_TRUE(app_side.read_to_end() == rest);
  writer.join();
}

TEST_F(TunnelTest, RelaysWhatTheClientSentBeforeTheSwitch) {
  client.send(std::string(kUpgrade) + "early");
  app_side = app.accept();
  app_side.head();
  client.send(" bird");
  EXPECT_TRUE(wait_for(&drain::InFlight::requests, 1));
  app_side.send(std::string(kSwitch) + "hello");
  EXPECT_EQ(client.response().status(), 101);
  EXPECT_EQ(client.read(5), "hello");
  EXPECT_EQ(app_side.read(10), "early bird");
}

TEST_F(TunnelTest, ResetsNothingWhenTheAppVanishes) {
  open();
  app_side.close();
  EXPECT_EQ(client.end(), Peer::End::closed);
  client.send_within(std::string(100'000, 'x'), kPatience);
  client.send_within(std::string(100'000, 'x'), kPatience);
  EXPECT_TRUE(wait_for(&drain::InFlight::tunnels, 0));
}

TEST_F(TunnelTest, HoldsBackASideThatSendsFasterThanTheOtherReads) {
  open();
  const std::string much(64U << 20U, 'm');
  EXPECT_LT(client.send_within(much, 200ms), 32U << 20U);
  EXPECT_LT(app_side.send_within(much, 200ms), 32U << 20U);
}

TEST_F(TunnelTest, PassesNoH2cUpgradeOn) {
  client.send(
      "GET /a HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"
      "HTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n");
  app_side = app.accept();
  const std::string request = app_side.head();
  EXPECT_THAT(request, Not(HasSubstr("pgrade")));
  EXPECT_THAT(request, Not(HasSubstr("HTTP2-Settings:")));
  app_side.send(kOk);
  EXPECT_EQ(client.response().body, "hi");
}

TEST_F(TunnelTest, IsNoneIfTheAppDeclines) {
  client.send(kUpgrade);
  app_side = app.accept();
  app_side.head();
  app_side.send(kOk);
  EXPECT_EQ(client.response().body, "hi");
  EXPECT_EQ(exchange(client, app_side).body, "hi");
}

TEST_F(TunnelTest, DoesNotBeginBeforeTheRequestHasEnded) {
  client.send(
      "GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: echo\r\n"
      "Content-Length: 100\r\n\r\n");
  app_side = app.accept();
  app_side.head();
  app_side.send(kSwitch);
  EXPECT_EQ(client.response().status(), 502);
}

class LoggedTunnelTest : public ProxyTest {};

TEST_F(LoggedTunnelTest, HasItsPathAndItsIdInTheAccessLogOnceItHasEnded) {
  settings.access_log = true;
  start();
  Peer client = this->client();
  client.send(
      "GET /ws?secret HTTP/1.1\r\nHost: a\r\nCookie: c\r\nX-Request-ID: theirs-1\r\nConnection: Upgrade\r\n"
      "Upgrade: websocket\r\n\r\n");
  Peer app_side = app.accept();
  app_side.head();
  app_side.send(kSwitch);
  client.response();
  client.close();
  app_side.close();
  EXPECT_TRUE(wait_for([&] { return log().find("request_id=theirs-1") != std::string::npos; }));
  EXPECT_THAT(log(), HasSubstr("method=GET path=/ws "));
}

}  // namespace
}  // namespace lastcall::proxy
