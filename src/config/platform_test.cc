#include "config/platform.h"

#include <set>
#include <string>

#include <gtest/gtest.h>

namespace lastcall::config {
namespace {

Platform detect(const std::set<std::string, std::less<>>& traces) {
  const auto is_there = [&](std::string_view name) { return traces.contains(name); };
  return detect_platform({.variable_is_set = is_there, .file_exists = is_there});
}

TEST(Platform, IsUnknownWithoutATrace) {
  EXPECT_EQ(detect({}).name, "");
  EXPECT_EQ(detect({}).grace, std::nullopt);
}

TEST(Platform, IsKubernetesAlsoInsideItsContainer) {
  const Platform platform = detect({"KUBERNETES_SERVICE_HOST", "/.dockerenv"});
  EXPECT_EQ(platform.name, "Kubernetes");
  EXPECT_EQ(platform.grace, 30s);
  EXPECT_EQ(platform.lame_duck.max, 8s);
}

TEST(Platform, IsDockerByItsFileAndHasNoLameDuck) {
  const Platform platform = detect({"/.dockerenv"});
  EXPECT_EQ(platform.name, "Docker");
  EXPECT_EQ(platform.grace, 10s);
  EXPECT_EQ(platform.lame_duck.max, 0s);
}

TEST(Platform, IsSystemdByWhatIsMeantForTheUnitAlone) {
  EXPECT_EQ(detect({"NOTIFY_SOCKET"}).name, "systemd");
  EXPECT_EQ(detect({"SYSTEMD_EXEC_PID"}).name, "systemd");
  EXPECT_EQ(detect({"INVOCATION_ID"}).name, "");
}

TEST(Platform, IsTheMostSpecificOne) {
  EXPECT_EQ(detect({"FLY_MACHINE_ID", "/.dockerenv"}).name, "Fly.io");
  EXPECT_EQ(detect({"NOMAD_ALLOC_ID", "NOTIFY_SOCKET"}).name, "Nomad");
}

}  // namespace
}  // namespace lastcall::config
