#include "check/request_script.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lastcall::check {
namespace {

using judge::Kind;

using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr Time kNow = Time{} + 1h;

/// What is sent at this instant, as if the kernel took all of it.
std::string sent_now(RequestScript& script) {
  std::string result;
  for (std::string_view bytes = script.next(); !bytes.empty(); bytes = script.next()) {
    result += bytes;
    script.took(bytes.size());
  }
  return result;
}

RequestScript begun(const Flow& flow, Duration hold = 500ms) {
  RequestScript script({.target = {}, .host = "a.test", .flows = {}, .headers = {"X-Test: 1"}}, flow);
  script.begin(kNow, hold);
  return script;
}

TEST(RequestScript, OnlyFreshClientsAskForTheEndOfTheirConnection) {
  RequestScript fresh = begun({.path = "/x?y"});
  EXPECT_EQ(sent_now(fresh), "GET /x?y HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\nX-Test: 1\r\n\r\n");
  EXPECT_TRUE(fresh.whole());
  EXPECT_EQ(fresh.next_release(), Time::max());
  for (const Kind kind :
       {Kind::keep_alive, Kind::idle, Kind::slow, Kind::upload, Kind::pipelined, Kind::half_head}) {
    RequestScript other = begun({.kind = kind});
    EXPECT_THAT(sent_now(other), Not(HasSubstr("Connection")));
  }
}

TEST(RequestScript, AHeadInHalvesIsHeld) {
  RequestScript script = begun({.kind = Kind::half_head}, 400ms);
  const std::string first = sent_now(script);
  EXPECT_THAT(first, AllOf(StartsWith("GET / HTTP/1.1\r\n"), Not(HasSubstr("\r\n\r\n"))));
  EXPECT_EQ(script.next_release(), kNow + 400ms);
  EXPECT_FALSE(script.whole());
  script.release(kNow + 400ms);
  EXPECT_THAT(sent_now(script), EndsWith("\r\n\r\n"));
  EXPECT_TRUE(script.whole());
  EXPECT_EQ(script.next_release(), Time::max());
}

TEST(RequestScript, AHeldUploadSendsHalfOfItsBodyFirst) {
  RequestScript script = begun({.kind = Kind::held_upload, .upload_bytes = 100'000});
  EXPECT_THAT(sent_now(script), EndsWith("\r\n\r\n" + std::string(50'000, 'x')));
  script.release(script.next_release());
  EXPECT_EQ(sent_now(script), std::string(50'000, 'x'));
  EXPECT_TRUE(script.whole());
}

TEST(RequestScript, AnExpectedContinueIsWaitedForASecond) {
  const Flow flow{.kind = Kind::expect_continue, .upload_bytes = 10};
  RequestScript told = begun(flow);
  EXPECT_THAT(sent_now(told), AllOf(HasSubstr("Expect: 100-continue\r\n"), EndsWith("\r\n\r\n")));
  EXPECT_EQ(told.next_release(), kNow + 1s);
  told.release_all();
  EXPECT_EQ(sent_now(told), "xxxxxxxxxx");
  RequestScript untold = begun(flow);
  (void)sent_now(untold);
  untold.release(kNow + 1s);
  EXPECT_EQ(sent_now(untold), "xxxxxxxxxx");
}

TEST(RequestScript, APacedUploadGoesInPieces) {
  RequestScript script = begun({.upload_bytes = 250, .upload = {.bytes = 100, .every = 10ms}});
  EXPECT_THAT(sent_now(script), EndsWith("\r\n\r\n" + std::string(100, 'x')));
  Time now = kNow;
  for (const std::size_t piece : {100U, 50U}) {
    now += 10ms;
    EXPECT_EQ(script.next_release(), now);
    script.release(now);
    EXPECT_EQ(sent_now(script).size(), piece);
  }
  EXPECT_TRUE(script.whole());
}

TEST(RequestScript, PipelinedRequestsAreOneRunOfBytesAndCountedEachForItself) {
  RequestScript script = begun({.kind = Kind::pipelined, .pipeline = 3});
  EXPECT_EQ(script.requests(), 3);
  const std::size_t each = script.next().size() / 3;
  script.took(each + 1);
  EXPECT_EQ(script.sent_of(0), each);
  EXPECT_EQ(script.sent_of(1), 1);
  EXPECT_EQ(script.sent_of(2), 0);
}

TEST(RequestScript, SendsNoMoreOnABrokenConnection) {
  RequestScript script = begun({.kind = Kind::half_head});
  script.took(3);
  script.broken();
  EXPECT_EQ(script.next(), "");
  EXPECT_EQ(script.next_release(), Time::max());
  EXPECT_FALSE(script.whole());
}

}  // namespace
}  // namespace lastcall::check
