#include "check/redact.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "check/place.h"

namespace lastcall::check {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

std::string redacted(const std::string& word) {
  const std::vector<std::string> argv = {word};
  return redact_command(argv).front();
}

TEST(RedactCommand, MasksTheValuesOfWhatIsNamedLikeASecret) {
  const std::vector<std::string> argv = {
      "app",      "--token", "hunter2",         "--db-password=hunter2",
      "--port",   "80",      "API_KEY=hunter2", "Authorization: Bearer hunter2",
      "--secret", "--x"};
  EXPECT_THAT(redact_command(argv), ElementsAre("app", "--token", "***", "--db-password=***", "--port", "80",
                                                "API_KEY=***", "Authorization: ***", "--secret", "--x"));
}

TEST(RedactCommand, MasksSecretsWithinALineForAShell) {
  EXPECT_EQ(redacted("exec app --port=80 --token=hunter2"), "exec app --port=80 --token=***");
  EXPECT_EQ(redacted("app --port 80 --db-password hunter2 -v"), "app --port 80 --db-password ***");
  EXPECT_EQ(redacted("--header=Authorization:hunter2"), "--header=Authorization:***");
  EXPECT_EQ(redacted("{\"port\": 80, \"secret\": \"hunter2\"}"), "{\"port\": 80, \"secret\": ***");
  EXPECT_EQ(redacted("exec app --port=80"), "exec app --port=80");
}

TEST(RedactCommand, MasksCredentialsAndQueriesOfUrls) {
  EXPECT_EQ(redacted("postgres://me:hunter2@db/app"), "postgres://***@db/app");
  EXPECT_EQ(redacted("http://a/b?token=hunter2"), "http://a/b?***");
  EXPECT_EQ(redacted("--db=postgres://me:hunter2@db?x=1"), "--db=postgres://***@db?***");
  EXPECT_EQ(redacted("amqp://me:hunter2@a,amqp://me:hunter2@b/x"), "amqp://***@a,amqp://***@b/x");
  EXPECT_EQ(redacted("http://a/b@c"), "http://a/b@c");
  EXPECT_EQ(redacted("tcp://127.0.0.1:80"), "tcp://127.0.0.1:80");
}

TEST(Redactor, MasksTheSecretsThatItWasGivenWhereverTheyStand) {
  Redactor redactor;
  redactor.add_header("Authorization:  Bearer hunter2");
  redactor.add_query("/slow?key=abc");
  redactor.add_query("/plain");
  redactor.add_header("Empty:");
  EXPECT_EQ(redactor.mask("GET /slow?key=abc key=abc: Bearer hunter2!"), "GET /slow?*** ***: ***!");
  EXPECT_EQ(redactor.mask("nothing"), "nothing");
}

TEST(Place, IsAPathOrAPortOrAUrl) {
  const auto path = parse_place("/readyz?full=1");
  ASSERT_TRUE(path);
  EXPECT_EQ(path->target.port, 0);
  EXPECT_EQ(path->path, "/readyz?full=1");

  const auto port = parse_place(":9797/readyz");
  ASSERT_TRUE(port);
  EXPECT_EQ(port->target.text(), "127.0.0.1:9797");
  EXPECT_EQ(port->host, "127.0.0.1:9797");
  EXPECT_EQ(port->path, "/readyz");

  const auto url = parse_place("http://[::1]:80?x");
  ASSERT_TRUE(url);
  EXPECT_EQ(url->target.text(), "[::1]:80");
  EXPECT_EQ(url->path, "/?x");

  const auto bare = parse_place("http://localhost");
  ASSERT_TRUE(bare);
  EXPECT_EQ(bare->target.text(), "127.0.0.1:80");
  EXPECT_EQ(bare->path, "/");
}

TEST(Place, RefusesNamesPortZeroAndCredentials) {
  for (const char* text :
       {"http://example.com/", "http://127.0.0.1:0/", "http://unix:/tmp/x", "ftp://a", "http://"}) {
    const auto place = parse_place(text);
    ASSERT_FALSE(place) << text;
    EXPECT_EQ(place.error().exit_status, 2);
  }
  const auto credentials = parse_place("http://me:hunter2@127.0.0.1:80/");
  ASSERT_FALSE(credentials);
  EXPECT_THAT(credentials.error().what + credentials.error().fix, Not(HasSubstr("hunter2")));
}

}  // namespace
}  // namespace lastcall::check
