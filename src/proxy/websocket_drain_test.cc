// WebSockets during the drain (LC206): what the client sees, what the app sees, and what is counted.
#include <set>

#include <gmock/gmock.h>

#include "http/websocket.h"
#include "proxy/testbed.h"

namespace lastcall::proxy {
namespace {

using namespace std::string_literals;

using http::FrameMask;
using http::Opcode;

constexpr FrameMask kMask = {0x37, 0xfa, 0x21, 0x3d};

std::string frame(Opcode opcode, std::string_view payload, const std::optional<FrameMask>& mask = {}) {
  std::string out(http::kFrameRoom + payload.size(), '\0');
  out.resize(static_cast<std::size_t>(write_frame(opcode, payload, mask, out.data()) - out.data()));
  return out;
}

std::string close_frame(std::uint16_t code, std::string_view reason,
                        const std::optional<FrameMask>& mask = {}) {
  std::string payload = {static_cast<char>(code >> 8), static_cast<char>(code & 0xff)};
  return frame(Opcode::close, payload.append(reason), mask);
}

const std::string kGoingAway = close_frame(1001, "server shutting down");
const std::string kAppGone = close_frame(1011, "the app has gone");
const std::string kAnswer = close_frame(1001, "", kMask);
const std::string kAppsAnswer = close_frame(1001, "");

/// One client, its proxy's connection to the app, and the app.
struct WebSocket {
  Peer client;
  Peer app;
};

class WebSocketDrainTest : public ProxyTest {
 protected:
  WebSocket open(std::string_view protocol = "websocket") {
    const std::string upgrade = "Connection: Upgrade\r\nUpgrade: " + std::string(protocol) + "\r\n\r\n";
    WebSocket socket{.client = client(), .app = {}};
    socket.client.send("GET /ws HTTP/1.1\r\nHost: a\r\n" + upgrade);
    socket.app = app.accept();
    socket.app.head();
    socket.app.send("HTTP/1.1 101 Switching Protocols\r\n" + upgrade);
    EXPECT_EQ(socket.client.response().status(), 101);
    return socket;
  }

  void drain(Duration left = 0s) {
    tell(&Proxy::unready);
    tell(&Proxy::announce);
    tell(&Proxy::close_listener);
    tell([left](Proxy& proxy) { proxy.drain(sys::now() + left); });
  }

  drain::WebSocketsClosed closed() { return traffic().websockets; }
};

TEST_F(WebSocketDrainTest, AreClosedByBothSidesAndEnd) {
  start();
  WebSocket socket = open();
  EXPECT_EQ(in_flight().websockets, 1U);
  drain();
  EXPECT_EQ(socket.client.read(kGoingAway.size()), kGoingAway);
  socket.client.send(kAnswer);
  EXPECT_EQ(socket.app.read(kAnswer.size()), kAnswer);
  EXPECT_EQ(socket.client.end(), Peer::End::closed) << "before the app has answered";
  socket.app.send(kAppsAnswer);
  EXPECT_EQ(socket.app.end(), Peer::End::closed);
  EXPECT_TRUE(told.wait(told.drains));
  EXPECT_EQ(closed().closed, 1U);
  EXPECT_EQ(traffic().finished, 1U);
  EXPECT_EQ(traffic().cut, 0U);
}

TEST_F(WebSocketDrainTest, AreNotClosedAtTheAnnouncement) {
  start();
  WebSocket socket = open();
  tell(&Proxy::unready);
  tell(&Proxy::announce);
  socket.app.send(frame(Opcode::text, "still here"));
  EXPECT_EQ(socket.client.read(12), frame(Opcode::text, "still here"));
  EXPECT_TRUE(socket.client.quiet());
}

TEST_F(WebSocketDrainTest, SayWhatTheSettingsSay) {
  settings.ws_close_code = 1012;
  settings.ws_close_reason = "";
  start();
  WebSocket socket = open();
  drain();
  EXPECT_EQ(socket.client.read(4), close_frame(1012, ""));
}

TEST_F(WebSocketDrainTest, EndTheFrameThatHasBegunAndDropWhatFollowsTheClose) {
  start();
  WebSocket socket = open();
  const std::string message = frame(Opcode::text, std::string(300, 'm'));
  socket.app.send(message.substr(0, 200));
  EXPECT_EQ(socket.client.read(200), message.substr(0, 200));
  drain();
  EXPECT_TRUE(socket.client.quiet());
  socket.app.send(message.substr(200) + frame(Opcode::text, "too late"));
  EXPECT_EQ(socket.client.read(104 + kGoingAway.size()), message.substr(200) + kGoingAway);
  socket.client.send(kAnswer);
  socket.app.read(kAnswer.size());
  socket.app.send(frame(Opcode::text, "too late") + kAppsAnswer);
  EXPECT_EQ(socket.client.read_to_end(), "");
  EXPECT_TRUE(told.wait(told.drains));
  EXPECT_EQ(closed().closed, 1U);
}

TEST_F(WebSocketDrainTest, CloseBetweenTheFragmentsOfAMessage) {
  start();
  WebSocket socket = open();
  const std::string fragment = "\x01\x05"s + "first";
  socket.app.send(fragment);
  EXPECT_EQ(socket.client.read(fragment.size()), fragment);
  drain();
  EXPECT_EQ(socket.client.read(kGoingAway.size()), kGoingAway);
}

TEST_F(WebSocketDrainTest, AreClosedInTheMidstOfCompressedMessages) {
  start();
  WebSocket socket = open();
  const std::string compressed = "\xc1\x07\xf2\x48\xcd\xc9\xc9\x07\x00"s;  // RFC 7692 §7.2.3.1
  socket.app.send(compressed);
  EXPECT_EQ(socket.client.read(compressed.size()), compressed);
  drain();
  EXPECT_EQ(socket.client.read(kGoingAway.size()), kGoingAway);
}

TEST_F(WebSocketDrainTest, RelayTheClientsFramesUntilItsClose) {
  start();
  WebSocket socket = open();
  drain();
  const std::string words = frame(Opcode::text, "my last words", kMask);
  socket.client.send(words.substr(0, 7));
  EXPECT_EQ(socket.app.read(7), words.substr(0, 7));
  socket.client.send(words.substr(7) + kAnswer);
  EXPECT_EQ(socket.app.read(words.size() - 7 + kAnswer.size()), words.substr(7) + kAnswer);
}

TEST_F(WebSocketDrainTest, ThatTheAppClosesItselfGetOneClose) {
  start();
  WebSocket socket = open();
  const std::string bye = close_frame(4000, "bye");
  socket.app.send(bye);
  EXPECT_EQ(socket.client.read(bye.size()), bye);
  drain();
  EXPECT_TRUE(socket.client.quiet());
  socket.client.send(kAnswer);
  EXPECT_EQ(socket.client.end(), Peer::End::closed);
  EXPECT_EQ(socket.app.read_to_end(), kAnswer);
  EXPECT_EQ(closed().closed, 1U);
}

TEST_F(WebSocketDrainTest, EndWellWhenTwoClosesCross) {
  start();
  WebSocket socket = open();
  drain();
  socket.app.send(close_frame(4000, "bye"));
  EXPECT_EQ(socket.client.read(kGoingAway.size()), kGoingAway);
  socket.client.send(kAnswer);
  EXPECT_EQ(socket.client.read_to_end(), "");
  EXPECT_EQ(socket.app.read_to_end(), kAnswer);
  EXPECT_EQ(closed().closed, 1U);
}

TEST_F(WebSocketDrainTest, WithoutAnAnswerOfTheClientAreClosedForTheAppMasked) {
  settings.ws_grace = 30ms;
  start();
  WebSocket socket = open();
  drain();
  EXPECT_EQ(socket.client.read(kGoingAway.size()), kGoingAway);
  const std::string close = socket.app.read(kGoingAway.size() + kMask.size());
  http::FrameReader frames(http::FrameSender::client);
  EXPECT_EQ(frames.take(close).step, http::FrameReader::Step::control);
  EXPECT_EQ(frames.close_code(), 1001);
  EXPECT_EQ(socket.client.end(), Peer::End::closed);
  EXPECT_EQ(closed().client_silent, 1U);
  EXPECT_EQ(traffic().cut, 0U);
}

// Both clocks are the shard's own and start together: the idle connection ends after one grace and before
// two.
TEST_F(WebSocketDrainTest, HaveOneGraceForTheClientAndTheAppTogether) {
  settings.ws_grace = 200ms;
  settings.idle_grace = 390ms;
  start();
  Peer idle = client();
  ASSERT_TRUE(wait_for(&drain::InFlight::silent, 1));
  WebSocket both_silent = open();
  WebSocket app_silent = open();
  app_silent.client.send(kAnswer);
  EXPECT_EQ(app_silent.app.read(kAnswer.size()), kAnswer);
  tell([](Proxy& proxy) {
    proxy.unready();
    for (const auto& each : proxy.shards()) {
      each->post([&shard = *each] {
        shard.announce();
        shard.drain(shard.now());
      });
    }
  });
  EXPECT_EQ(idle.end(), Peer::End::closed);
  EXPECT_EQ(closed().client_silent, 1U);
  EXPECT_EQ(closed().app_silent, 1U);
}

TEST_F(WebSocketDrainTest, WhoseClientIsInTheMidstOfAFrameEndWithoutACloseForTheApp) {
  settings.ws_grace = 30ms;
  start();
  WebSocket socket = open();
  socket.client.send("\x81\x85");
  EXPECT_EQ(socket.app.read(2), "\x81\x85");
  drain();
  EXPECT_EQ(socket.app.read_to_end(), "");
  socket.app.close();
  EXPECT_EQ(socket.client.end(), Peer::End::closed);
  EXPECT_EQ(closed().client_silent, 1U);
}

TEST_F(WebSocketDrainTest, WhoseClientLeavesInsteadOfAnsweringAreClosedForTheApp) {
  start();
  WebSocket socket = open();
  drain();
  socket.client.read(kGoingAway.size());
  socket.client.finish();
  http::FrameReader frames(http::FrameSender::client);
  EXPECT_EQ(frames.take(socket.app.read(kGoingAway.size() + kMask.size())).step,
            http::FrameReader::Step::control);
  socket.app.send(kAppsAnswer);
  EXPECT_TRUE(told.wait(told.drains));
  EXPECT_EQ(closed().client_silent, 1U);
}

TEST_F(WebSocketDrainTest, DoNotWaitForAnAppThatNeverAnswers) {
  settings.ws_grace = 30ms;
  start();
  WebSocket socket = open();
  socket.client.send(kAnswer);
  EXPECT_EQ(socket.app.read(kAnswer.size()), kAnswer);
  EXPECT_TRUE(socket.client.quiet());
  drain();
  EXPECT_EQ(socket.client.read_to_end(), kGoingAway);
  EXPECT_TRUE(told.wait(told.drains));
  EXPECT_EQ(closed().app_silent, 1U);
}

TEST_F(WebSocketDrainTest, AreCutIfAFrameOfTheAppsNeverEnds) {
  settings.ws_grace = 30ms;
  start();
  WebSocket socket = open();
  socket.app.send("\x82\x7f");
  EXPECT_EQ(socket.client.read(2), "\x82\x7f");
  drain();
  EXPECT_EQ(socket.client.read_to_end(), "");
  EXPECT_EQ(traffic().cut, 1U);
  EXPECT_EQ(traffic().cuts.at(0).reason, "no Close could be sent in time");
  EXPECT_EQ(closed().closed, 0U);
}

TEST_F(WebSocketDrainTest, OfAnAppThatEndsMeanwhileAreClosedAllTheSame) {
  start();
  WebSocket left = open();
  WebSocket lost = open();
  drain(1h);
  left.app.close();
  lost.app.reset();
  for (WebSocket* socket : {&left, &lost}) {
    EXPECT_EQ(socket->client.read_to_end(), kGoingAway);
    EXPECT_EQ(socket->client.end(), Peer::End::closed);
  }
  EXPECT_TRUE(told.wait(told.drains));
  EXPECT_EQ(traffic().failed, 2U) << "the app has answered none";
  EXPECT_EQ(closed().closed, 0U);
}

TEST_F(WebSocketDrainTest, OpenedDuringTheDrainAreClosedToo) {
  start();
  Peer client = this->client();
  client.send("GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: WebSocket\r\n\r\n");
  Peer app_side = app.accept();
  app_side.head();
  drain();
  app_side.send("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
  EXPECT_EQ(client.response().status(), 101);
  EXPECT_EQ(client.read(kGoingAway.size()), kGoingAway);
}

TEST_F(WebSocketDrainTest, ThatAreNoneAfterAllAreRelayedAsTheyAre) {
  start();
  WebSocket socket = open();
  socket.app.send("HELO");
  EXPECT_EQ(socket.client.read(4), "HELO");
  drain();
  socket.client.send("EHLO");
  EXPECT_EQ(socket.app.read(4), "EHLO");
  socket.app.send("250 OK");
  EXPECT_EQ(socket.client.read(6), "250 OK");
  tell([](Proxy& proxy) { proxy.cut("drain deadline"); });
  EXPECT_EQ(socket.client.read_to_end(), "");
  EXPECT_EQ(traffic().cut, 1U);
}

TEST_F(WebSocketDrainTest, AreToldFromOtherTunnels) {
  start();
  const WebSocket socket = open();
  const WebSocket other = open("imap");
  std::set<std::string_view> stages;
  for (const drain::OpenExchange& one : ask([](Proxy& proxy) { return proxy.snapshot(2).exchanges; })) {
    stages.insert(one.stage);
  }
  EXPECT_THAT(stages, testing::ElementsAre("tunnel", "websocket"));
}

TEST_F(WebSocketDrainTest, AreLoggedWithTheirRequestId) {
  settings.access_log = true;
  start();
  WebSocket socket = open();
  socket.app.close();
  socket.client.close();
  EXPECT_TRUE(wait_for([&] { return log().find("request_id=") != std::string::npos; }));
}

TEST_F(WebSocketDrainTest, TunnelsOfAnotherProtocolGetNoClose) {
  start();
  WebSocket socket = open("imap");
  drain();
  socket.app.send("\x81\x02hi");
  EXPECT_EQ(socket.client.read(4), "\x81\x02hi");
  EXPECT_TRUE(socket.client.quiet());
  EXPECT_EQ(in_flight().websockets, 0U);
}

TEST_F(WebSocketDrainTest, ThatAreCutGetACloseAtLeast) {
  start();
  WebSocket socket = open();
  drain(1h);
  tell([](Proxy& proxy) { proxy.cut("forced"); });
  EXPECT_EQ(socket.client.read_to_end(), kGoingAway);
  EXPECT_EQ(traffic().cut, 1U);
}

TEST_F(WebSocketDrainTest, WhoseAppVanishesGetACloseAtOnceAlsoBeforeTheDrain) {
  start();
  WebSocket left = open();
  WebSocket lost = open();
  left.app.close();
  lost.app.reset();
  for (WebSocket* socket : {&left, &lost}) {
    EXPECT_EQ(socket->client.read_to_end(), kAppGone);
    EXPECT_EQ(socket->client.end(), Peer::End::closed);
  }
  EXPECT_TRUE(wait_for(&drain::InFlight::websockets, 0));
  tell(&Proxy::unready);
  tell(&Proxy::app_ended);
  EXPECT_EQ(traffic().failed, 2U) << "the app's end took them along";
}

TEST_F(WebSocketDrainTest, WhoseAppVanishesInTheMidstOfAFrameEndWithoutAClose) {
  start();
  WebSocket socket = open();
  socket.app.send("\x82\x7f");
  EXPECT_EQ(socket.client.read(2), "\x82\x7f");
  socket.app.close();
  EXPECT_EQ(socket.client.read_to_end(), "");
  EXPECT_TRUE(wait_for(&drain::InFlight::websockets, 0));
}

TEST_F(WebSocketDrainTest, ThatTheirAppHasClosedAndEndedDoNotWaitForTheDeadline) {
  settings.ws_grace = 30ms;
  start();
  WebSocket socket = open();
  const std::string bye = close_frame(4000, "bye");
  socket.app.send(bye);
  socket.app.finish();
  EXPECT_EQ(socket.client.read_to_end(), bye) << "and the end behind it";
  drain();
  EXPECT_TRUE(told.wait(told.drains));
  EXPECT_EQ(closed().client_silent, 1U);
  EXPECT_EQ(traffic().cut, 0U);
}

TEST_F(WebSocketDrainTest, WithTheirCloseSentAreSilentNotCutWhenTimeIsOver) {
  start();
  WebSocket socket = open();
  drain();
  socket.client.read(kGoingAway.size());
  tell([](Proxy& proxy) { proxy.cut("drain deadline"); });
  EXPECT_EQ(socket.client.end(), Peer::End::closed);
  EXPECT_EQ(closed().client_silent, 1U);
  EXPECT_EQ(traffic().cut, 0U);
}

TEST_F(WebSocketDrainTest, FollowTheLongestPrefixOfTheirPath) {
  settings.stream_rules = {
      {"/", StreamPolicy::cut}, {"/ws", StreamPolicy::finish}, {"/w", StreamPolicy::cut}};
  start();
  WebSocket socket = open();
  drain();
  socket.app.send("\x81\x02hi");
  EXPECT_EQ(socket.client.read(4), "\x81\x02hi");
  EXPECT_TRUE(socket.client.quiet());
}

TEST_F(WebSocketDrainTest, AreCutAtOnceIfThePolicySaysSo) {
  settings.stream_rules = {{"/ws", StreamPolicy::cut}};
  start();
  WebSocket socket = open();
  Peer kept = client();
  Peer app_side;
  {
    kept.send(kGet);
    app_side = app.accept();
    app_side.head();
    app_side.send(kOk);
    kept.response();
  }
  drain(1h);
  EXPECT_EQ(socket.client.read_to_end(), kGoingAway);
  EXPECT_EQ(traffic().cut, 1U);
  EXPECT_EQ(traffic().cuts.at(0).reason, "stream policy");
  kept.send("GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
  EXPECT_EQ(kept.response().status(), 503) << "nothing is begun that would be cut";
}

TEST_F(WebSocketDrainTest, AreSpreadOverAThirdOfTheDrain) {
  constexpr std::size_t kSockets = 40;
  settings.workers = 2;
  start();
  std::vector<WebSocket> sockets;
  for (std::size_t i = 0; i < kSockets; ++i) {
    sockets.push_back(open());
  }
  const Time begin = sys::now();
  drain(6s);
  std::vector<std::thread> clients;
  std::vector<Duration> times(kSockets);
  for (std::size_t i = 0; i < kSockets; ++i) {
    clients.emplace_back([&, i] {
      EXPECT_EQ(sockets[i].client.read(kGoingAway.size()), kGoingAway);
      times[i] = sys::now() - begin;
    });
  }
  for (std::thread& client : clients) {
    client.join();
  }
  const auto [first, last] = std::ranges::minmax(times);
  EXPECT_GT(last - first, 250ms);
  std::set<Duration> moments;
  for (const Duration time : times) {
    moments.insert(time / 50ms * 50ms);
  }
  EXPECT_GT(moments.size(), 4U) << "not in a few bursts";
}

}  // namespace
}  // namespace lastcall::proxy
