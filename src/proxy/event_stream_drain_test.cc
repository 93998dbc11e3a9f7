// Event streams, long polls and other long responses during the drain (LC207).
#include <gmock/gmock.h>

#include "proxy/testbed.h"

namespace lastcall::proxy {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::MatchesRegex;
using testing::Not;
using testing::StartsWith;

constexpr std::string_view kEnd = "0\r\n\r\n";

std::string chunk(std::string_view payload) {
  std::string out;
  http::append_chunk(out, payload);
  return out;
}

class EventStreamDrainTest : public ProxyTest {
 protected:
  /// A stream of which `first` has come, as it is, after the response head with `fields`.
  void open(std::string_view fields, std::string_view first, std::string_view method = "GET",
            std::string_view version = "HTTP/1.1") {
    start();
    client = ProxyTest::client();
    client.send(std::string(method) + " /events " + std::string(version) + "\r\nHost: a\r\n\r\n");
    app_side = app.accept();
    app_side.head();
    app_side.send("HTTP/1.1 200 OK\r\n" + std::string(fields) + "\r\n" + std::string(first));
    EXPECT_THAT(client.head(), StartsWith("HTTP/1.1 200"));
  }

  void drain(Duration left = 0s) {
    tell(&Proxy::unready);
    tell(&Proxy::announce);
    tell(&Proxy::close_listener);
    tell([left](Proxy& proxy) { proxy.drain(sys::now() + left); });
  }

  void cut() {
    tell([](Proxy& proxy) { proxy.cut("drain deadline"); });
  }

  static constexpr std::string_view kEvents =
      "Content-Type: Text/Event-Stream; charset=utf-8\r\nTransfer-Encoding: chunked\r\n";

  Peer client;
  Peer app_side;
};

TEST_F(EventStreamDrainTest, EndAfterAnEventWithARetryAndTheFramingsEnd) {
  open(kEvents, chunk("id: 1\ndata: x\n\n"));
  EXPECT_EQ(client.read(20), chunk("id: 1\ndata: x\n\n"));
  EXPECT_EQ(in_flight().event_streams, 1U);
  drain();
  EXPECT_THAT(client.read_to_end(), MatchesRegex("[0-9a-f]+\r\nretry: [0-9]+\n\n\r\n0\r\n\r\n"));
  EXPECT_EQ(app_side.end(), Peer::End::closed);
  EXPECT_TRUE(told.wait(told.drains));
  EXPECT_EQ(traffic().event_streams_ended, 1U);
  EXPECT_EQ(traffic().finished, 1U);
  EXPECT_EQ(traffic().cut, 0U);
}

TEST_F(EventStreamDrainTest, AreWaitedForInTheMidstOfAnEvent) {
  open(kEvents, chunk("data: x\n\ndata: half"));
  client.read(chunk("data: x\n\ndata: half").size());
  drain();
  EXPECT_TRUE(client.quiet());
  app_side.send(chunk(" of it\n\ndata: next\n\n"));
  const std::string rest = client.read_to_end();
  EXPECT_THAT(rest, StartsWith(chunk(" of it\n\n")));
  EXPECT_THAT(rest, Not(HasSubstr("next")));
  EXPECT_THAT(rest, EndsWith(kEnd));
}

TEST_F(EventStreamDrainTest, EndByTheConnectionsEndIfTheyWouldAnyhow) {
  open("Content-Type: text/event-stream\r\n", "data: x\n\n");
  EXPECT_EQ(client.read(9), "data: x\n\n");
  drain();
  EXPECT_THAT(client.read_to_end(), MatchesRegex("retry: [0-9]+\n\n"));
  EXPECT_EQ(client.end(), Peer::End::closed);
}

TEST_F(EventStreamDrainTest, OfHttp10ClientsEndWithoutChunks) {
  open(kEvents, chunk("data: x\n\n"), "GET", "HTTP/1.0");
  EXPECT_EQ(client.read(9), "data: x\n\n");
  drain();
  EXPECT_THAT(client.read_to_end(), MatchesRegex("retry: [0-9]+\n\n"));
}

TEST_F(EventStreamDrainTest, ThatTheAppEndsMeanwhileAreLeftToIt) {
  open(kEvents, chunk("data: half"));
  client.read(chunk("data: half").size());
  drain();
  app_side.send(chunk("\n\n") + std::string(kEnd));
  const std::string rest = client.read_to_end();
  EXPECT_THAT(rest, EndsWith(kEnd));
  EXPECT_EQ(traffic().cut, 0U);
}

TEST_F(EventStreamDrainTest, ThatBeginDuringTheDrainEndToo) {
  start();
  client = ProxyTest::client();
  client.send("GET /events HTTP/1.1\r\nHost: a\r\n\r\n");
  app_side = app.accept();
  app_side.head();
  drain();
  app_side.send("HTTP/1.1 200 OK\r\n" + std::string(kEvents) + "\r\n" + chunk("data: x\n\n"));
  EXPECT_TRUE(client.response().complete);
}

TEST_F(EventStreamDrainTest, ThatAreEncodedFinish) {
  open(std::string(kEvents) + "Content-Encoding: gzip\r\n", chunk("12345"));
  client.read(chunk("12345").size());
  drain();
  EXPECT_TRUE(client.quiet());
  app_side.send(chunk("678") + std::string(kEnd));
  EXPECT_EQ(client.read_to_end(), chunk("678") + std::string(kEnd));
  EXPECT_EQ(traffic().event_streams_ended, 0U);
}

TEST_F(EventStreamDrainTest, ThatAnswerAPostFinish) {
  open(kEvents, chunk("data: x\n\n"), "POST");
  client.read(chunk("data: x\n\n").size());
  drain();
  app_side.send(chunk("data: y\n\n") + std::string(kEnd));
  EXPECT_EQ(client.read_to_end(), chunk("data: y\n\n") + std::string(kEnd));
}

TEST_F(EventStreamDrainTest, ThatAnswerAPostEndIfThePolicySaysSo) {
  settings.stream_rules = {{"/ev", StreamPolicy::close}};
  open(kEvents, chunk("data: x\n\n"), "POST");
  client.read(chunk("data: x\n\n").size());
  drain();
  EXPECT_THAT(client.read_to_end(), EndsWith(kEnd));
  EXPECT_EQ(traffic().event_streams_ended, 1U);
}

TEST_F(EventStreamDrainTest, FinishIfThePolicySaysSoAndAreCutVisiblyAtTheDeadline) {
  settings.stream_rules = {{"/events", StreamPolicy::finish}};
  open(kEvents, chunk("data: x\n\n"));
  client.read(chunk("data: x\n\n").size());
  drain();
  EXPECT_TRUE(client.quiet());
  cut();
  EXPECT_EQ(client.read_to_end(), "") << "without the framing's end";
  EXPECT_EQ(traffic().cut, 1U);
}

TEST_F(EventStreamDrainTest, LongPollsFinishWhateverClosesStreams) {
  settings.stream_rules = {{"/", StreamPolicy::close}};
  start();
  client = ProxyTest::client();
  client.send(kGet);
  app_side = app.accept();
  app_side.head();
  drain();
  app_side.send(kOk);
  EXPECT_EQ(client.response().body, "hi");
  EXPECT_EQ(traffic().finished, 1U);
}

TEST_F(EventStreamDrainTest, LongPollsAreCutAtOnceIfThePolicySaysSo) {
  settings.stream_rules = {{"/a", StreamPolicy::cut}};
  start();
  client = ProxyTest::client();
  client.send(kGet);
  app_side = app.accept();
  app_side.head();
  drain(1h);
  EXPECT_EQ(client.response().status(), 504);
  EXPECT_EQ(traffic().cut, 1U);
  EXPECT_EQ(traffic().cuts.at(0).reason, "stream policy");
}

}  // namespace
}  // namespace lastcall::proxy
