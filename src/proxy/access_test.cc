// The access log: that it tells what the client got, and why, where that was not the app's whole answer.
#include <set>

#include <gmock/gmock.h>

#include "proxy/testbed.h"

namespace lastcall::proxy {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class AccessTest : public ProxyTest {
 protected:
  void SetUp() override { settings.access_log = true; }

  /// Its only line, once it is there.
  std::string line() {
    EXPECT_TRUE(wait_for([&] { return log().find(" access ") != std::string::npos; }));
    return log();
  }

  /// A client and its request, which the app has.
  std::pair<Peer, Peer> ask(std::string_view request = kGet) {
    Peer client = this->client();
    client.send(request);
    Peer app_side = app.accept();
    app_side.head();
    return {std::move(client), std::move(app_side)};
  }
};

std::string id_of(const std::string& text, std::string_view before, std::string_view after) {
  const std::size_t begin = text.find(before) + before.size();
  return text.substr(begin, text.find_first_of(after, begin) - begin);
}

TEST_F(AccessTest, TellsNoErrorOfARequestThatWentWell) {
  start();
  auto [client, app_side] = ask();
  app_side.send(kOk);
  EXPECT_EQ(client.response().body, "hi");
  EXPECT_THAT(line(), AllOf(HasSubstr("status=200"), Not(HasSubstr("error="))));
}

TEST_F(AccessTest, TellsWhyAnAnswerIsOursAndHowLongItWas) {
  start();
  auto [client, app_side] = ask("POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n");
  app_side.close();
  const Response response = client.response();
  EXPECT_EQ(response.status(), 502);
  const std::size_t size = response.head.size() + response.body.size();
  EXPECT_THAT(line(), AllOf(HasSubstr("status=502"), HasSubstr("error=no_answer"),
                            HasSubstr("bytes_out=" + std::to_string(size) + " ")));
  EXPECT_EQ(id_of(line(), "request_id=", " \n"), id_of(response.head, "X-Request-ID: ", "\r"));
}

TEST_F(AccessTest, TellsThatTheAppBrokeItsAnswerOff) {
  start();
  auto [client, app_side] = ask();
  app_side.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf");
  EXPECT_EQ(client.head().substr(0, 12), "HTTP/1.1 200");
  app_side.close();
  client.read_to_end();
  EXPECT_THAT(line(), AllOf(HasSubstr("status=200"), HasSubstr("error=truncated")));
}

TEST_F(AccessTest, TellsThatTheClientLeft) {
  start();
  auto [client, app_side] = ask();
  client.reset();
  EXPECT_THAT(line(), AllOf(HasSubstr("status=499"), HasSubstr("error=client_gone")));
}

TEST_F(AccessTest, TellsWhatWasCut) {
  start();
  auto [client, app_side] = ask();
  tell([](Proxy& proxy) { proxy.cut("drain deadline"); });
  EXPECT_EQ(client.response().status(), 504);
  EXPECT_THAT(line(), AllOf(HasSubstr("status=504"), HasSubstr("error=cut")));
}

TEST_F(AccessTest, GivesWhatIsTurnedAwayTheClientsIdOrOneOfOurs) {
  start();
  tell(&Proxy::app_gone);
  Peer named = client();
  named.send("GET /a HTTP/1.1\r\nHost: a\r\nX-Request-ID: mine\r\n\r\n");
  EXPECT_TRUE(named.response().has("X-Request-ID: mine\r\n"));
  EXPECT_THAT(line(), AllOf(HasSubstr("error=stopping"), HasSubstr("request_id=mine")));
  Peer garbled = client();
  garbled.send("GET / HTTP/1.1\r\nHost : a\r\nX-Request-ID: mine\r\n\r\n");
  const std::string id = id_of(garbled.response().head, "X-Request-ID: ", "\r");
  EXPECT_EQ(id.size(), 32U);
  EXPECT_THAT(log(), AllOf(HasSubstr("error=bad_request"), HasSubstr("request_id=" + id)));
}

TEST_F(AccessTest, EachErrorHasAWordOfItsOwn) {
  std::set<std::string_view> words;
  for (auto error = AccessError::none; error <= AccessError::cut;
       error = static_cast<AccessError>(static_cast<int>(error) + 1)) {
    words.insert(to_string(error));
  }
  EXPECT_EQ(words.size(), static_cast<std::size_t>(AccessError::cut) + 1);
}

}  // namespace
}  // namespace lastcall::proxy
