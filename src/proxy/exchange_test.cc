// What one request and its response look like on both sides.
#include "proxy/exchange.h"

#include <gmock/gmock.h>

#include "proxy/testbed.h"

namespace lastcall::proxy {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class ExchangeTest : public ProxyTest {};

TEST_F(ExchangeTest, KeepsBothConnectionsOpenForTheNextRequest) {
  start();
  Peer client = this->client();
  client.send(kGet);
  Peer app_side = app.accept();
  const std::string request = app_side.head();
  EXPECT_THAT(request, StartsWith("GET /a?secret=1 HTTP/1.1\r\nHost: a\r\n"));
  EXPECT_THAT(request, HasSubstr("X-Forwarded-For: 127.0.0.1\r\n"));
  EXPECT_THAT(request, HasSubstr("X-Request-ID: "));
  app_side.send(kOk);
  const Response first = client.response();
  EXPECT_EQ(first.body, "hi");
  EXPECT_TRUE(first.has("Keep-Alive: timeout=75\r\n"));
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(exchange(client, app_side).body, "hi");
  }
  EXPECT_TRUE(app.nobody_waits());
}

TEST_F(ExchangeTest, AnswersPipelinedRequestsInOrder) {
  start();
  Peer client = this->client();
  std::string requests;
  for (int i = 0; i < 40; ++i) {
    requests += "GET /" + std::to_string(i) + " HTTP/1.1\r\nHost: a\r\n\r\n";
  }
  client.send(requests);
  Peer app_side = app.accept();
  for (int i = 0; i < 40; ++i) {
    const std::string path = "/" + std::to_string(i);
    EXPECT_THAT(app_side.head(), StartsWith("GET " + path + " HTTP/1.1\r\n"));
    app_side.send("HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(path.size()) + "\r\n\r\n" + path);
  }
  for (int i = 0; i < 40; ++i) {
    EXPECT_EQ(client.response().body, "/" + std::to_string(i));
  }
}

TEST_F(ExchangeTest, ForwardsNothingBehindARefusedRequest) {
  start();
  Peer client = this->client();
  client.send(std::string(kGet) + "GET /b HTTP/1.1\r\nHost : a\r\n\r\n" + std::string(kGet));
  Peer app_side = app.accept();
  app_side.head();
  app_side.send(kOk);
  EXPECT_EQ(client.response().status(), 200);
  const Response refused = client.response();
  EXPECT_EQ(refused.status(), 400);
  EXPECT_TRUE(refused.closes());
  client.finish();
  EXPECT_EQ(client.end(), Peer::End::closed);
  stop();
  EXPECT_EQ(app_side.read_to_end(), "");
}

TEST_F(ExchangeTest, RelaysABodyOfKnownLength) {
  start();
  Peer client = this->client();
  client.send("POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n01234");
  Peer app_side = app.accept();
  EXPECT_THAT(app_side.head(), HasSubstr("Content-Length: 10\r\n"));
  EXPECT_EQ(app_side.read(5), "01234");
  client.send("56789");
  EXPECT_EQ(app_side.read(5), "56789");
  app_side.send(kOk);
  EXPECT_EQ(client.response().body, "hi");
  EXPECT_EQ(exchange(client, app_side).body, "hi");
}

TEST_F(ExchangeTest, RelaysChunkedBodiesAndTrailersBothWays) {
  start();
  Peer client = this->client();
  client.send(
      "POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5;x=y\r\nhello\r\n0\r\nT: 1\r\n\r\n");
  Peer app_side = app.accept();
  EXPECT_THAT(app_side.head(), HasSubstr("Transfer-Encoding: chunked\r\n"));
  EXPECT_EQ(app_side.read_until("\r\n\r\n"), "5\r\nhello\r\n0\r\nT: 1\r\n\r\n");
  app_side.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
  EXPECT_THAT(client.head(), HasSubstr("Transfer-Encoding: chunked\r\n"));
  EXPECT_EQ(client.read_until("abc\r\n"), "3\r\nabc\r\n");
  app_side.send("0\r\nETag: z\r\n\r\n");
  EXPECT_EQ(client.read_until("\r\n\r\n"), "0\r\nETag: z\r\n\r\n");
  EXPECT_EQ(exchange(client, app_side).body, "hi");
}

TEST_F(ExchangeTest, RefusesAMalformedChunkAndForwardsNoMoreOfIt) {
  start();
  Peer client = this->client();
  client.send("POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
  Peer app_side = app.accept();
  app_side.head();
  EXPECT_EQ(app_side.read(8), "3\r\nabc\r\n");
  client.send("zz\r\nGET /b HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(client.response().status(), 400);
  EXPECT_EQ(app_side.read_to_end(), "");
}

TEST_F(ExchangeTest, BreaksTheResponseOffIfTheRequestTurnsOutMalformedLater) {
  start();
  Peer client = this->client();
  client.send("POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
  Peer app_side = app.accept();
  app_side.head();
  app_side.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nbegun");
  client.read_until("begun");
  client.send("zz\r\n");
  EXPECT_EQ(client.read_to_end(), "");
}

TEST_F(ExchangeTest, RelaysAResponseWithoutBody) {
  start();
  Peer client = this->client();
  client.send("HEAD /a HTTP/1.1\r\nHost: a\r\n\r\n");
  Peer app_side = app.accept();
  app_side.head();
  app_side.send("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n");
  EXPECT_TRUE(client.response(true).has("Content-Length: 1000\r\n"));
  for (const std::string status : {"204 No Content", "304 Not Modified"}) {
    client.send(kGet);
    app_side.head();
    app_side.send("HTTP/1.1 " + status + "\r\nETag: z\r\n\r\n");
    EXPECT_TRUE(client.response().complete);
  }
  EXPECT_EQ(exchange(client, app_side).body, "hi");
}

TEST_F(ExchangeTest, RelaysInterimResponses) {
  start();
  Peer client = this->client();
  client.send(kGet);
  Peer app_side = app.accept();
  app_side.head();
  app_side.send("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n");
  EXPECT_EQ(client.head(), "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n");
  app_side.send("HTTP/1.1 102 Processing\r\n\r\n" + std::string(kOk));
  EXPECT_EQ(client.response().status(), 102);
  EXPECT_EQ(client.response().body, "hi");
}

TEST_F(ExchangeTest, SendsNoInterimResponseToAnHttp10Client) {
  start();
  Peer client = this->client();
  client.send("GET /a HTTP/1.0\r\n\r\n");
  Peer app_side = app.accept();
  app_side.head();
  app_side.send("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n");
  app_side.send(kOk);
  const Response response = client.response();
  EXPECT_EQ(response.status(), 200);
  EXPECT_TRUE(response.closes());
  EXPECT_EQ(client.end(), Peer::End::closed);
}

TEST_F(ExchangeTest, EndsAFloodOfInterimResponses) {
  start();
  Peer client = this->client();
  client.send(kGet);
  Peer app_side = app.accept();
  app_side.head();
  for (int i = 0; i <= kMaxInterim; ++i) {
    app_side.send("HTTP/1.1 102 Processing\r\n\r\n");
  }
  Response response = client.response();
  while (response.status() == 102) {
    response = client.response();
  }
  EXPECT_EQ(response.status(), 502);
}

TEST_F(ExchangeTest, KeepsAnHttp10ConnectionThatAsksForIt) {
  start();
  Peer client = this->client();
  client.send("GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  Peer app_side = app.accept();
  app_side.head();
  app_side.send(kOk);
  EXPECT_TRUE(client.response().has("Connection: keep-alive\r\n"));
  client.send("GET /a HTTP/1.0\r\n\r\n");
  app_side.head();
  app_side.send(kOk);
  EXPECT_TRUE(client.response().closes());
  EXPECT_EQ(client.end(), Peer::End::closed);
}

TEST_F(ExchangeTest, UnwrapsChunksForAnHttp10Client) {
  start();
  Peer client = this->client();
  client.send("GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  Peer app_side = app.accept();
  app_side.head();
  app_side.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n");
  const Response response = client.response();
  EXPECT_TRUE(response.closes());
  EXPECT_EQ(response.body, "abcde");
  EXPECT_TRUE(response.complete);
}

TEST_F(ExchangeTest, RelaysABodyThatEndsWithTheConnection) {
  start();
  Peer client = this->client();
  client.send(kGet);
  Peer app_side = app.accept();
  app_side.head();
  app_side.send("HTTP/1.1 200 OK\r\n\r\nall of it");
  app_side.close();
  const Response response = client.response();
  EXPECT_TRUE(response.closes());
  EXPECT_EQ(response.body, "all of it");
  EXPECT_TRUE(response.complete);
}

TEST_F(ExchangeTest, ShowsATruncatedBodyAsTruncated) {
  start();
  for (const std::string head : {"Content-Length: 100", "Transfer-Encoding: chunked"}) {
    Peer client = this->client();
    client.send(kGet);
    Peer app_side = app.accept();
    app_side.head();
    app_side.send("HTTP/1.1 200 OK\r\n" + head + "\r\n\r\n5\r\nhello\r\n");
    app_side.close();
    const Response response = client.response();
    EXPECT_EQ(response.status(), 200);
    EXPECT_FALSE(response.complete) << head;
  }
}

TEST_F(ExchangeTest, ResetsTheClientIfNothingElseTellsThatTheBodyIsTruncated) {
  start();
  Peer client = this->client();
  client.send(kGet);
  Peer app_side = app.accept();
  app_side.head();
  app_side.send("HTTP/1.1 200 OK\r\n\r\nsome of it");
  client.read_until("some of it");
  app_side.reset();
  EXPECT_EQ(client.end(), Peer::End::reset);

  Peer old_client = this->client();
  old_client.send("GET /a HTTP/1.0\r\n\r\n");
  app_side = app.accept();
  app_side.head();
  app_side.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\na\r\nsome of it\r\n");
  old_client.read_until("some of it");
  app_side.close();
  EXPECT_EQ(old_client.end(), Peer::End::reset);
}

TEST_F(ExchangeTest, RelaysTheBodyThatWaitedForContinue) {
  start();
  Peer client = this->client();
  client.send("POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
  Peer app_side = app.accept();
  EXPECT_THAT(app_side.head(), HasSubstr("Expect: 100-continue\r\n"));
  app_side.send("HTTP/1.1 100 Continue\r\n\r\n");
  EXPECT_EQ(client.response().status(), 100);
  client.send("ab");
  EXPECT_EQ(app_side.read(2), "ab");
  app_side.send(kOk);
  EXPECT_EQ(client.response().body, "hi");
  EXPECT_EQ(exchange(client, app_side).body, "hi");
}

TEST_F(ExchangeTest, ClosesIfTheAppDeclinesTheBodyThatWaitedForContinue) {
  start();
  Peer client = this->client();
  client.send("POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
  Peer app_side = app.accept();
  app_side.head();
  app_side.send("HTTP/1.1 417 Expectation Failed\r\nContent-Length: 0\r\n\r\n");
  const Response response = client.response();
  EXPECT_EQ(response.status(), 417);
  EXPECT_TRUE(response.closes());
}

TEST_F(ExchangeTest, DeliversAnEarlyAnswerToAClientThatIsStillSending) {
  start();
  for (const std::string field : {"Connection: close\r\n", ""}) {
    Peer client = this->client();
    client.send("POST /a HTTP/1.1\r\nHost: a\r\n" + field + "Content-Length: 20000000\r\n\r\n");
    Peer app_side = app.accept();
    app_side.head();
    app_side.send("HTTP/1.1 413 Content Too Large\r\nContent-Length: 3\r\nConnection: close\r\n\r\nbig");
    app_side.close();
    client.send(std::string(20'000'000, 'x'));
    const Response response = client.response();
    EXPECT_EQ(response.status(), 413);
    EXPECT_EQ(response.body, "big");
    EXPECT_TRUE(response.closes());
    client.finish();
    EXPECT_EQ(client.end(), Peer::End::closed);
  }
}

TEST_F(ExchangeTest, ServesAClientThatHasHalfClosed) {
  start();
  Peer client = this->client();
  client.send(std::string(kGet) + std::string(kGet));
  client.finish();
  Peer app_side = app.accept();
  for (int i = 0; i < 2; ++i) {
    app_side.head();
    app_side.send(kOk);
  }
  EXPECT_EQ(client.response().body, "hi");
  EXPECT_EQ(client.response().body, "hi");
  EXPECT_EQ(client.end(), Peer::End::closed);
}

TEST_F(ExchangeTest, TellsTheAppThatTheClientIsGone) {
  start();
  Peer client = this->client();
  client.send(kGet);
  Peer app_side = app.accept();
  app_side.head();
  client.reset();
  EXPECT_EQ(app_side.end(), Peer::End::closed);
}

TEST_F(ExchangeTest, TellsTheAppThatAnUploadWasAbandoned) {
  start();
  Peer client = this->client();
  client.send("POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n01234");
  Peer app_side = app.accept();
  app_side.read_until("01234");
  client.finish();
  EXPECT_EQ(app_side.end(), Peer::End::closed);
}

TEST_F(ExchangeTest, ReadsHeadsAndBodiesThatComeByteByByte) {
  start();
  Peer client = this->client();
  const std::string request =
      "POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n";
  std::thread drip([&] {
    for (const char byte : request) {
      client.send({&byte, 1});
    }
  });
  Peer app_side = app.accept();
  app_side.head();
  std::string body;
  while (!body.ends_with("0\r\n\r\n")) {
    body += app_side.read(1);
  }
  drip.join();
  EXPECT_THAT(body, EndsWith("0\r\n\r\n"));
  for (const char byte :
       std::string("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n")) {
    app_side.send({&byte, 1});
  }
  EXPECT_TRUE(client.response().complete);
}

TEST_F(ExchangeTest, ReadsALongHeadThatComesByteByByte) {
  start();
  Peer client = this->client();
  client.send("GET /a HTTP/1.1\r\nHost: a\r\nX: ");
  for (int i = 0; i < 3000; ++i) {
    client.send("x");
  }
  client.send("\r\n\r\n");
  Peer app_side = app.accept();
  EXPECT_THAT(app_side.head(), HasSubstr("X: " + std::string(3000, 'x') + "\r\n"));
}

TEST_F(ExchangeTest, TurnsABadResponseInto502) {
  start();
  for (const std::string bad :
       {"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", "hello\r\n\r\n",
        "HTTP/1.1 2000 OK\r\n\r\n", "HTTP/1.1 200 OK\r\n X: y\r\n\r\n",
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"}) {
    Peer client = this->client();
    client.send(kGet);
    Peer app_side = app.accept();
    app_side.head();
    app_side.send(bad);
    const Response response = client.response();
    EXPECT_EQ(response.status(), 502) << bad;
    EXPECT_TRUE(response.complete);
  }
}

TEST_F(ExchangeTest, DoesNotUseAConnectionAgainThatSaidMoreThanItsResponse) {
  start();
  Peer client = this->client();
  client.send(kGet);
  Peer app_side = app.accept();
  app_side.head();
  app_side.send(std::string(kOk) + "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil");
  EXPECT_EQ(client.response().body, "hi");
  client.send(kGet);
  Peer second = app.accept();
  second.head();
  second.send(kOk);
  EXPECT_EQ(client.response().body, "hi");
}

TEST_F(ExchangeTest, AnswersInTheFormThatTheClientAccepts) {
  start();
  app.stop_listening();
  Peer browser = this->client();
  browser.send("GET /a HTTP/1.1\r\nHost: a\r\nAccept: text/html,*/*\r\n\r\n");
  const Response page = browser.response();
  EXPECT_EQ(page.status(), 502);
  EXPECT_TRUE(page.has("Content-Type: text/html"));
  Peer tool = this->client();
  tool.send(kGet);
  const Response problem = tool.response();
  EXPECT_TRUE(problem.has("Content-Type: application/problem+json"));
  EXPECT_THAT(problem.body, HasSubstr("\"status\":502"));
  Peer head = this->client();
  head.send("HEAD /a HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(head.response(true).status(), 502);
  EXPECT_EQ(head.read_to_end(), "");
}

TEST_F(ExchangeTest, LogsAnAccessWithoutItsQuery) {
  settings.access_log = true;
  start();
  Peer client = this->client();
  client.send(kGet);
  Peer app_side = app.accept();
  app_side.head();
  app_side.send(kOk);
  client.response();
  EXPECT_TRUE(wait_for([&] { return log().find("/a") != std::string::npos; }));
  EXPECT_THAT(log(), HasSubstr("200"));
  EXPECT_THAT(log(), Not(HasSubstr("secret")));
}

TEST_F(ExchangeTest, LogsTheRequestIdThatTheAppGot) {
  settings.access_log = true;
  start();
  Peer client = this->client();
  for (const std::string_view theirs : {"", "X-Request-ID: theirs-1\r\n"}) {
    client.send("GET /a HTTP/1.1\r\nHost: a\r\n" + std::string(theirs) + "\r\n");
    Peer app_side = app.accept();
    const std::string request = app_side.head();
    app_side.send("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nhi");
    client.response();
    const std::size_t begin = request.find("X-Request-ID: ") + 14;
    const std::string id = request.substr(begin, request.find("\r\n", begin) - begin);
    EXPECT_TRUE(wait_for([&] { return log().find("request_id=" + id + "\n") != std::string::npos; })) << id;
  }
}

TEST_F(ExchangeTest, LogsNoRequestIdThatIsNone) {
  settings.access_log = true;
  start();
  Peer client = this->client();
  client.send("GET /a HTTP/1.1\r\nHost: a\r\nX-Request-ID: " + std::string(kMostIdTold + 1, 'x') +
              "\r\n\r\n");
  Peer app_side = app.accept();
  app_side.head();
  app_side.send(kOk);
  client.response();
  EXPECT_TRUE(wait_for([&] { return log().find("/a") != std::string::npos; }));
  EXPECT_THAT(log(), Not(HasSubstr("request_id")));
}

TEST_F(ExchangeTest, AClientThatSendsMoreBehindItsLastRequestStillGetsTheAnswerWhole) {
  start();
  Peer client_side = client();
  client_side.send("GET /a HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  Peer app_side = app.accept();
  app_side.head();
  client_side.send("\r\n");
  app_side.send(kOk);
  EXPECT_EQ(client_side.response().body, "hi");
  EXPECT_EQ(client_side.end(), Peer::End::closed);
}

}  // namespace
}  // namespace lastcall::proxy
