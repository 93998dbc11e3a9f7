#include "lastcall/beast/http_server.h"

#include <future>
#include <latch>
#include <optional>

#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket.hpp>
#include <gmock/gmock.h>

#include "base/time.h"
#include "test_client.h"

namespace lastcall::beast {
namespace {

namespace websocket = boost::beast::websocket;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

/// A server whose shutdown runs when a test says so; nothing waits for long.
class Serving : public ::testing::Test {
 protected:
  Serving() : coordinator_(Coordinator::create(options()).value()) {}

  void TearDown() override {
    if (running_.valid()) {
      coordinator_.shutdown("the test is over");
      running_.wait();
    }
    server_.reset();
  }

  static Options options() {
    return {.grace = 12s,
            .drain = 8s,
            .cleanup = 3s,
            .idle_grace = 100ms,
            .lame_duck = LameDuck{},
            .watchdog = false,
            .handle_signals = false,
            .log = [](std::string_view) {}};
  }

  HttpServer& serve(HttpServer::Handler handler, HttpServerOptions options = {}) {
    server_.emplace(HttpServer::create(coordinator_, std::move(options), std::move(handler)).value());
    running_ = std::async(std::launch::async, [this] { return coordinator_.run(); });
    return *server_;
  }

  TestClient connect() { return TestClient(server_->port()); }

  DrainReport shut_down() {
    coordinator_.shutdown("test");
    return running_.get();
  }

  /// Returns once responses are told to say `Connection: close`.
  void begin_shutdown() {
    std::latch announced(1);
    coordinator_.on_announce([&] { announced.count_down(); });
    coordinator_.shutdown("test");
    announced.wait();
  }

  Coordinator coordinator_;
  std::optional<HttpServer> server_;
  std::future<DrainReport> running_;
};

void echo(const Request& request, Responder respond) {
  respond.send(http::status::ok, std::string(request.method_string()) + " " + std::string(request.target()) +
                                     " " + request.body() + ".");
}

// Requests.

TEST_F(Serving, AnswersPipelinedRequestsInTheirOrder) {
  serve(echo);
  TestClient client = connect();
  client.send(
      "GET /a HTTP/1.1\r\n\r\nPOST /b HTTP/1.1\r\nContent-Length: 2\r\n\r\nhiGET /c HTTP/1.1\r\nConnection: "
      "close\r\n\r\n");
  EXPECT_THAT(client.read_until("GET /a ."), HasSubstr("200 OK"));
  EXPECT_THAT(client.read_until("POST /b hi."), HasSubstr("200 OK"));
  EXPECT_THAT(client.read_to_end(), AllOf(HasSubstr("GET /c ."), HasSubstr("Connection: close")));
  EXPECT_TRUE(client.ended_well());
}

TEST_F(Serving, AnswerMayComeLaterAndFromAnotherThread) {
  std::promise<Responder> in_handler;
  serve([&](const Request&, Responder respond) { in_handler.set_value(std::move(respond)); });
  TestClient client = connect();
  client.get("/later");
  Responder respond = in_handler.get_future().get();
  respond.send(http::status::ok, "at last");
  EXPECT_THAT(client.read_until("at last"), StartsWith("HTTP/1.1 200"));
}

TEST_F(Serving, HeadGetsTheLengthButNoBody) {
  serve([](const Request&, Responder respond) { respond.send(http::status::ok, "12345"); });
  TestClient client = connect();
  client.send("HEAD / HTTP/1.1\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(client.read_to_end(), AllOf(HasSubstr("Content-Length: 5\r\n"), Not(HasSubstr("12345"))));
}

TEST_F(Serving, ExpectedContinueIsGiven) {
  serve(echo);
  TestClient client = connect();
  client.send("POST /up HTTP/1.1\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(client.read_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  client.send("body");
  EXPECT_THAT(client.read_until("POST /up body."), HasSubstr("200 OK"));
}

TEST_F(Serving, WhatCannotBeTakenIsRefusedAndTheConnectionEndsWell) {
  serve(echo, {.header_limit = 1024, .body_limit = 4});
  TestClient large = connect();
  large.send("POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\nabcde");
  EXPECT_THAT(large.read_to_end(), AllOf(StartsWith("HTTP/1.1 413"), HasSubstr("Connection: close")));
  EXPECT_TRUE(large.ended_well());

  TestClient wordy = connect();
  wordy.send("GET / HTTP/1.1\r\nX: " + std::string(2000, 'x'));
  EXPECT_THAT(wordy.read_to_end(), StartsWith("HTTP/1.1 431"));

  TestClient stranger = connect();
  stranger.send("what is this\r\n\r\n");
  EXPECT_THAT(stranger.read_to_end(), StartsWith("HTTP/1.1 400"));
}

TEST_F(Serving, HandlerThatThrowsOrForgetsToAnswerGets500) {
  serve([](const Request& request, Responder) {
    if (request.target() == "/throw") {
      throw std::runtime_error("no database");
    }
  });
  TestClient client = connect();
  client.get("/throw");
  EXPECT_THAT(client.read_until("no answer"), StartsWith("HTTP/1.1 500"));
  client.get("/forget");
  EXPECT_THAT(client.read_until("no answer"), HasSubstr("HTTP/1.1 500"));
}

TEST_F(Serving, HalfSentHeadIsAnswered408) {
  serve(echo, {.header_timeout = 20ms});
  TestClient client = connect();
  client.send("GET / HT");
  EXPECT_THAT(client.read_to_end(), StartsWith("HTTP/1.1 408"));
  EXPECT_TRUE(client.ended_well());
}

TEST_F(Serving, ConnectionsBeyondTheBoundWaitForTheirTurn) {
  serve(echo, {.max_connections = 1});
  std::optional<TestClient> first(std::in_place, server_->port());
  first->get("/1");
  first->read_until("GET /1 .");
  TestClient second = connect();
  second.get("/2");
  first.reset();
  EXPECT_THAT(second.read_until("GET /2 ."), StartsWith("HTTP/1.1 200"));
}

TEST_F(Serving, HealthIsAnsweredFromTheCoordinator) {
  serve(echo);
  coordinator_.started();
  TestClient client = connect();
  client.get("/health/ready");
  EXPECT_THAT(client.read_until("}"), AllOf(StartsWith("HTTP/1.1 200"), HasSubstr("application/json")));
  client.get("/health/live?verbose");
  EXPECT_THAT(client.read_until("}"), HasSubstr("HTTP/1.1 200"));
}

// The shutdown.

TEST_F(Serving, ShutdownWithNobodyThereIsClean) {
  serve(echo);
  EXPECT_TRUE(shut_down().clean());
}

TEST_F(Serving, RequestInFlightIsFinishedAndTheClientToldToLeave) {
  std::promise<Responder> in_handler;
  serve([&](const Request&, Responder respond) { in_handler.set_value(std::move(respond)); });
  TestClient client = connect();
  client.get("/slow");
  Responder respond = in_handler.get_future().get();
  begin_shutdown();
  respond.send(http::status::ok, "done");
  EXPECT_THAT(client.read_to_end(), AllOf(HasSubstr("Connection: close"), HasSubstr("done")));
  EXPECT_TRUE(client.ended_well());
  client.socket().close();
  EXPECT_TRUE(running_.get().clean());
}

TEST_F(Serving, IdleConnectionMaySendOneMoreRequest) {
  serve(echo);
  TestClient client = connect();
  client.get("/1");
  client.read_until("GET /1 .");
  begin_shutdown();
  client.get("/2");
  EXPECT_THAT(client.read_to_end(), AllOf(HasSubstr("Connection: close"), HasSubstr("GET /2 .")));
  EXPECT_TRUE(client.ended_well());
  client.socket().close();
  EXPECT_TRUE(running_.get().clean());
}

TEST_F(Serving, IdleAndSilentConnectionsAreEndedAfterTheirGrace) {
  serve(echo);
  TestClient idle = connect();
  idle.get("/1");
  idle.read_until("GET /1 .");
  TestClient silent = connect();
  begin_shutdown();
  EXPECT_EQ(idle.read_to_end(), "");
  EXPECT_EQ(silent.read_to_end(), "");
  EXPECT_TRUE(idle.ended_well());
  EXPECT_TRUE(silent.ended_well());
  EXPECT_TRUE(running_.get().clean());
}

TEST_F(Serving, PipelinedRequestsBehindTheAnnouncementAreAnswered) {
  std::promise<Responder> first;
  serve([&](const Request& request, Responder respond) {
    if (request.target() == "/first") {
      first.set_value(std::move(respond));
    } else {
      echo(request, std::move(respond));
    }
  });
  TestClient client = connect();
  client.send("GET /first HTTP/1.1\r\n\r\nGET /second HTTP/1.1\r\n\r\n");
  Responder respond = first.get_future().get();
  begin_shutdown();
  respond.send(http::status::ok, "first");
  const std::string all = client.read_to_end();
  EXPECT_THAT(all, AllOf(HasSubstr("first"), HasSubstr("GET /second .")));
  EXPECT_GT(all.find("Connection: close"), all.find("first")) << "the last one carries it";
  client.socket().close();
  EXPECT_TRUE(running_.get().clean());
}

TEST_F(Serving, StuckRequestIsCutAtTheDeadlineAndNamed) {
  Options short_drain = options();
  short_drain.drain = 300ms;
  coordinator_ = Coordinator::create(short_drain).value();
  std::promise<Responder> stuck;
  serve([&](const Request&, Responder respond) { stuck.set_value(std::move(respond)); });
  TestClient client = connect();
  client.get("/stuck?token=secret");
  const Responder held = stuck.get_future().get();
  const DrainReport report = shut_down();
  EXPECT_EQ(report.exit_code(), 1);
  EXPECT_THAT(report.to_json(), AllOf(HasSubstr("GET /stuck"), Not(HasSubstr("secret"))));
  client.read_to_end();
  EXPECT_FALSE(client.ended_well()) << "only a reset tells that there will be no answer";
}

TEST_F(Serving, RequestWhoseBodyNeverEndsIsCutAndNamed) {
  Options short_drain = options();
  short_drain.drain = 400ms;
  coordinator_ = Coordinator::create(short_drain).value();
  serve(echo);
  TestClient client = connect();
  client.send("POST /upload HTTP/1.1\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
  client.read_until("\r\n\r\n");
  const DrainReport report = shut_down();
  EXPECT_EQ(report.exit_code(), 1);
  ASSERT_EQ(report.cut().size(), 1U);
  EXPECT_EQ(report.cut().front().label, "POST /upload");
}

TEST_F(Serving, ReadinessTurnsRedWhileOpenConnectionsAreServed) {
  std::promise<Responder> in_handler;
  serve([&](const Request&, Responder respond) { in_handler.set_value(std::move(respond)); });
  TestClient slow = connect();
  slow.get("/slow");
  Responder respond = in_handler.get_future().get();
  TestClient probe = connect();
  begin_shutdown();
  probe.get("/api/health");
  EXPECT_THAT(probe.read_to_end(), AllOf(StartsWith("HTTP/1.1 503"), HasSubstr("shutting down")));
  respond.refuse();
  EXPECT_THAT(slow.read_to_end(), AllOf(StartsWith("HTTP/1.1 503"), HasSubstr("Retry-After: 1")));
}

// WebSockets and event streams.

class WebSockets : public Serving {
 protected:
  using Stream = websocket::stream<boost::asio::ip::tcp::socket&>;

  void serve_websockets(HttpServerOptions options = {}) {
    serve(
        [this](Request request, Responder respond) {
          respond.upgrade(
              std::move(request),
              {.label = "websocket /feed",
               .on_open = [this](WebSocket one) { opened_.set_value(one); },
               .on_message = [](WebSocket one, std::string message) { one.send("echo " + message); },
               .on_close = [this] { closed_.set_value(); }});
        },
        std::move(options));
  }

  static std::string read(Stream& stream) {
    boost::beast::flat_buffer buffer;
    boost::system::error_code error;
    stream.read(buffer, error);
    return error ? error.message() : boost::beast::buffers_to_string(buffer.data());
  }

  std::promise<WebSocket> opened_;
  std::promise<void> closed_;
};

TEST_F(WebSockets, CarryMessagesBothWays) {
  serve_websockets();
  TestClient client = connect();
  Stream stream(client.socket());
  stream.handshake("test", "/feed");
  stream.write(boost::asio::buffer(std::string_view("hello")));
  EXPECT_EQ(read(stream), "echo hello");
  const WebSocket server_side = opened_.get_future().get();
  EXPECT_TRUE(server_side.send("news"));
  EXPECT_EQ(read(stream), "news");
  stream.close(websocket::close_code::normal);
  closed_.get_future().wait();
  EXPECT_FALSE(server_side.send("too late"));
}

TEST_F(WebSockets, GetANoticeAndClose1001AndTheirReplyIsAwaited) {
  serve_websockets({.websocket_notice = "back soon"});
  TestClient client = connect();
  Stream stream(client.socket());
  stream.handshake("test", "/feed");
  opened_.get_future().wait();
  coordinator_.shutdown("test");
  EXPECT_EQ(read(stream), "back soon");
  read(stream);  // the Close, which Beast answers
  EXPECT_EQ(stream.reason().code, websocket::close_code::going_away);
  EXPECT_EQ(stream.reason().reason, "server shutting down");
  client.socket().close();
  EXPECT_TRUE(running_.get().clean());
}

TEST_F(WebSockets, ASilentClientDoesNotHoldTheExit) {
  serve_websockets({.websocket_close_wait = 50ms});
  TestClient client = connect();
  Stream stream(client.socket());
  stream.handshake("test", "/feed");
  EXPECT_TRUE(shut_down().clean());
}

TEST_F(WebSockets, APlainRequestIsToldWhatIsExpected) {
  serve_websockets();
  TestClient client = connect();
  client.get("/feed");
  EXPECT_THAT(client.read_until("here"), StartsWith("HTTP/1.1 426"));
}

TEST_F(Serving, NoLineOfAnEventsDataPassesForAnotherField) {
  serve([](const Request&, Responder respond) {
    respond.stream_events().send("one\nevent: a\revent: b\r\nevent: c");
  });
  TestClient client = connect();
  client.get("/events");
  EXPECT_THAT(client.read_until("\n\n"),
              ::testing::EndsWith("data: one\ndata: event: a\ndata: event: b\ndata: event: c\n\n"));
}

TEST_F(Serving, EventStreamEndsBetweenEventsWithARetry) {
  std::promise<EventStream> opened;
  serve([&](const Request&, Responder respond) { opened.set_value(respond.stream_events()); });
  TestClient client = connect();
  client.get("/events");
  const EventStream stream = opened.get_future().get();
  EXPECT_TRUE(stream.send("first\nsecond", "news"));
  EXPECT_THAT(client.read_until("data: second\n\n"), HasSubstr("event: news\ndata: first\n"));
  coordinator_.shutdown("test");
  EXPECT_THAT(client.read_to_end(), AllOf(HasSubstr("retry: "), ::testing::EndsWith("\n\n\r\n0\r\n\r\n")));
  EXPECT_TRUE(client.ended_well());
  EXPECT_FALSE(stream.send("too late"));
  client.socket().close();
  EXPECT_TRUE(running_.get().clean());
}

}  // namespace
}  // namespace lastcall::beast
