#include "check/balancer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lastcall::check {
namespace {

using testing::HasSubstr;
using testing::Not;

BalancerPlan plan(BalancerKind kind) {
  return {.kind = kind, .port = 8000, .replicas = {8001, 8002, 8003}, .ready_path = {}, .folder = "/tmp/x"};
}

class BothBalancers : public testing::TestWithParam<BalancerKind> {};

TEST_P(BothBalancers, SendToEachReplicaAndListenOnLoopbackOnly) {
  const std::string text = configuration(plan(GetParam()));
  for (const char* const address : {"127.0.0.1:8000", "127.0.0.1:8001", "127.0.0.1:8002", "127.0.0.1:8003"}) {
    EXPECT_THAT(text, HasSubstr(address));
  }
  EXPECT_THAT(text, Not(HasSubstr("0.0.0.0")));
}

TEST_P(BothBalancers, HaveTheSettingsThatAreTold) {
  const std::string text = configuration(plan(GetParam()));
  for (const std::string& line : telling_settings(plan(GetParam()))) {
    const std::string setting = line.substr(0, line.find(':'));
    if (setting.find("(default)") == std::string::npos) {
      for (std::size_t at = 0, end = 0; at < setting.size(); at = end + 2) {
        end = std::min(setting.find(", ", at), setting.size());
        EXPECT_THAT(text, HasSubstr(setting.substr(at, end - at)));
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Balancer, BothBalancers, testing::Values(BalancerKind::haproxy, BalancerKind::nginx),
                         [](const auto& each) { return std::string(to_string(each.param)); });

TEST(Balancer, HAProxyAsksForTheReadyPath) {
  BalancerPlan asked = plan(BalancerKind::haproxy);
  EXPECT_THAT(configuration(asked), Not(HasSubstr("httpchk")));
  asked.ready_path = "/readyz";
  EXPECT_THAT(configuration(asked), HasSubstr("uri /readyz "));
  EXPECT_THAT(telling_settings(asked).front(), HasSubstr("GET /readyz"));
}

TEST(Balancer, OnlyHAProxyCanBeAskedWhomItSendsTo) {
  net::Loop loop;
  const auto question = Balancer(plan(BalancerKind::haproxy), loop).routing_question(1);
  ASSERT_TRUE(question);
  EXPECT_EQ(question->target.path, "/tmp/x/control");
  EXPECT_EQ(question->flows.front().path, "/replica2");
  EXPECT_FALSE(Balancer(plan(BalancerKind::nginx), loop).routing_question(1));
}

}  // namespace
}  // namespace lastcall::check
