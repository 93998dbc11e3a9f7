#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/setters.h"

namespace lastcall::config {
namespace {

using testing::HasSubstr;

std::string refusal(const Result<void>& result) {
  return result ? "" : result.error().what;
}

TEST(StreamSetters, ARuleIsAPrefixAndAPolicy) {
  RunConfig config;
  EXPECT_TRUE(add_stream_rule(config, "/events=finish"));
  EXPECT_TRUE(add_stream_rule(config, "/a=b/=cut"));
  EXPECT_TRUE(add_stream_rule(config, "/=close"));
  ASSERT_EQ(config.stream_rules.size(), 3U);
  EXPECT_EQ(config.stream_rules[0].prefix, "/events");
  EXPECT_EQ(config.stream_rules[0].policy, StreamPolicy::finish);
  EXPECT_EQ(config.stream_rules[1].prefix, "/a=b/");
  EXPECT_EQ(config.stream_rules[1].policy, StreamPolicy::cut);
  EXPECT_EQ(config.stream_rules[2].policy, StreamPolicy::close);
}

TEST(StreamSetters, WhatIsNoRuleIsRefused) {
  RunConfig config;
  EXPECT_THAT(refusal(add_stream_rule(config, "/events")), HasSubstr("names no policy"));
  EXPECT_THAT(refusal(add_stream_rule(config, "events=cut")), HasSubstr("is not a path"));
  EXPECT_THAT(refusal(add_stream_rule(config, "/events=drop")), HasSubstr("none of close, finish, cut"));
  RunConfig full;
  full.stream_rules.resize(64);
  EXPECT_THAT(refusal(add_stream_rule(full, "/a=cut")), HasSubstr("more than 64"));
}

TEST(StreamSetters, ACloseCodeIsOneThatAServerMaySend) {
  RunConfig config;
  for (const char* const code : {"1000", "1001", "1012", "1014", "3000", "4999"}) {
    EXPECT_TRUE(set_ws_close_code(config, code)) << code;
    EXPECT_EQ(std::to_string(config.ws_close_code), code);
  }
  for (const char* const code : {"999", "1004", "1005", "1006", "1015", "2999", "5000", "", "-1"}) {
    EXPECT_FALSE(set_ws_close_code(config, code)) << code;
  }
}

TEST(StreamSetters, ACloseReasonFitsIntoItsFrame) {
  RunConfig config;
  EXPECT_TRUE(set_ws_close_reason(config, std::string(123, 'r')));
  EXPECT_EQ(config.ws_close_reason.size(), 123U);
  EXPECT_TRUE(set_ws_close_reason(config, ""));
  EXPECT_EQ(config.ws_close_reason, "");
  EXPECT_THAT(refusal(set_ws_close_reason(config, std::string(124, 'r'))), HasSubstr("123 bytes"));
  EXPECT_THAT(refusal(set_ws_close_reason(config, "caf\xe9")), HasSubstr("printable ASCII"));
}

}  // namespace
}  // namespace lastcall::config
