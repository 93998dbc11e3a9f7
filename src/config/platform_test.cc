#include "config/platform.h"

#include <map>
#include <set>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lastcall::config {
namespace {

using testing::HasSubstr;

constexpr std::int64_t kOwnPid = 4711;

using Variables = std::map<std::string, std::string, std::less<>>;

Platform detect(const Variables& variables, const std::set<std::string, std::less<>>& files = {},
                bool on_terminal = false) {
  return detect_platform({.variable =
                              [&](std::string_view name) {
                                const auto found = variables.find(name);
                                return found == variables.end() ? std::string() : found->second;
                              },
                          .file_exists = [&](std::string_view path) { return files.contains(path); },
                          .own_pid = kOwnPid,
                          .on_terminal = on_terminal});
}

struct Row {
  const char* name;
  Variables variables;
  std::set<std::string, std::less<>> files;
  Duration grace;
  const char* admin;
};

class EachPlatform : public testing::TestWithParam<Row> {};

TEST_P(EachPlatform, IsDetectedAndGivesItsGrace) {
  const Row& row = GetParam();
  const Platform platform = detect(row.variables, row.files);
  EXPECT_EQ(platform.name, row.name);
  EXPECT_EQ(platform.grace, row.grace);
  EXPECT_EQ(preset_of(platform, "admin"), row.admin);
  EXPECT_EQ(preset_of(platform, "lame-duck"), platform.word == "kubernetes" ? "8s" : "");
  EXPECT_EQ(platform_called(platform.word)->grace, row.grace);
}

INSTANTIATE_TEST_SUITE_P(
    Rows, EachPlatform,
    testing::Values(Row{"Kubernetes", {{"KUBERNETES_SERVICE_HOST", "10.0.0.1"}}, {}, 30s, ":9797"},
                    Row{"ECS", {{"ECS_CONTAINER_METADATA_URI_V4", "http://x"}}, {}, 30s, ":9797"},
                    Row{"Cloud Run", {{"K_SERVICE", "shop"}}, {}, 10s, ""},
                    Row{"Fly.io", {{"FLY_MACHINE_ID", "1"}}, {}, 5s, ":9797"},
                    Row{"Heroku", {{"DYNO", "web.1"}}, {}, 30s, ""},
                    Row{"Nomad", {{"NOMAD_ALLOC_ID", "1"}}, {}, 5s, ":9797"},
                    Row{"Render", {{"RENDER", "true"}}, {}, 30s, ""},
                    Row{"PM2", {{"pm_id", "0"}}, {}, 1600ms, ""},
                    Row{"systemd", {{"NOTIFY_SOCKET", "/run/systemd/notify"}}, {}, 90s, ""},
                    Row{"systemd", {{"SYSTEMD_EXEC_PID", "4711"}}, {}, 90s, ""},
                    Row{"Docker", {}, {"/.dockerenv"}, 10s, ""},
                    Row{"Podman", {}, {"/run/.containerenv"}, 10s, ""}));

TEST(Platform, IsUnknownWithoutATrace) {
  EXPECT_EQ(detect({}).name, "");
  EXPECT_EQ(detect({}).grace, std::nullopt);
}

TEST(Platform, IsKubernetesAlsoInsideItsContainer) {
  EXPECT_EQ(detect({{"KUBERNETES_SERVICE_HOST", "10.0.0.1"}}, {"/.dockerenv"}).name, "Kubernetes");
}

TEST(Platform, IsSystemdByWhatIsMeantForTheUnitsProcessAlone) {
  EXPECT_EQ(detect({{"INVOCATION_ID", "0123456789abcdef"}}).name, "");
  EXPECT_EQ(detect({{"SYSTEMD_EXEC_PID", "4710"}}).name, "") << "inherited from a parent";
}

TEST(Platform, IsTheMostSpecificOne) {
  EXPECT_EQ(detect({{"FLY_MACHINE_ID", "1"}}, {"/.dockerenv"}).name, "Fly.io");
  EXPECT_EQ(detect({{"NOMAD_ALLOC_ID", "1"}, {"NOTIFY_SOCKET", "/x"}}).name, "Nomad");
}

TEST(Platform, IsATerminalOnlyWhereNothingElseIsKnown) {
  EXPECT_EQ(detect({}, {}, true).word, "terminal");
  EXPECT_EQ(detect({}, {"/.dockerenv"}, true).name, "Docker");
}

TEST(Platform, ThatKillsVerySoonKeepsLittleInReserve) {
  EXPECT_EQ(preset_of(detect({{"pm_id", "3"}}), "reserve"), "200ms");
}

TEST(Platform, ThatIsNotKnownIsRefusedWithTheNamesOfThoseThatAre) {
  const auto refused = platform_called("mainframe");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().exit_status, 2);
  EXPECT_THAT(refused.error().what, HasSubstr("auto, none, kubernetes, ecs"));
}

}  // namespace
}  // namespace lastcall::config
