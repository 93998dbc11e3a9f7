// The operator's own pages: where they stand, and where they never do.
#include <gmock/gmock.h>

#include "proxy/testbed.h"

namespace lastcall::proxy {
namespace {

using testing::HasSubstr;
using testing::Not;

class ErrorPagesTest : public ProxyTest {};

TEST_F(ErrorPagesTest, AnswersWithTheOperatorsPageWhereItAnswersByItself) {
  settings.error_pages = {{413, {.type = "text/html; charset=utf-8", .body = "<h1>too much</h1>"}},
                          {503, {.type = "text/html; charset=utf-8", .body = "<h1>soon</h1>"}}};
  settings.max_body = 5;
  settings.health_paths = {"/up"};
  start();
  Peer client = this->client();
  client.send("POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n");
  const Response response = client.response();
  EXPECT_EQ(response.status(), 413);
  EXPECT_TRUE(response.has("Content-Type: text/html; charset=utf-8\r\n"));
  EXPECT_EQ(response.body, "<h1>too much</h1>");
  tell(&Proxy::unready);
  Peer probe = this->client();
  probe.send("GET /up HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_THAT(probe.response().body, Not(HasSubstr("soon"))) << "a probe is no person";
}

TEST_F(ErrorPagesTest, NeverReplacesTheAppsOwnAnswer) {
  settings.error_pages = {{503, {.type = "text/html", .body = "ours"}}};
  start();
  Peer client = this->client();
  client.send(kGet);
  Peer app_side = app.accept();
  app_side.head();
  app_side.send("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 4\r\n\r\napps");
  EXPECT_EQ(client.response().body, "apps");
}

TEST_F(ErrorPagesTest, AHeadLearnsThePagesSizeAndGetsNoBody) {
  settings.error_pages = {{503, {.type = "text/html", .body = "12345"}}};
  start();
  tell(&Proxy::app_gone);
  Peer client = this->client();
  client.send("HEAD /a HTTP/1.1\r\nHost: a\r\n\r\n");
  const Response response = client.response(true);
  EXPECT_EQ(response.status(), 503);
  EXPECT_TRUE(response.has("Content-Length: 5\r\n"));
  EXPECT_EQ(client.read_to_end(), "");
}

}  // namespace
}  // namespace lastcall::proxy
