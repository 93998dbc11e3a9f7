#include "deploy/quote.h"

#include <vector>

#include <gtest/gtest.h>

namespace lastcall::deploy {
namespace {

std::string command(const std::vector<std::string>& words) {
  return systemd_command(words);
}

TEST(Quote, AStringOfJsonIsOneOfYaml) {
  EXPECT_EQ(json_string("on"), R"("on")");
  EXPECT_EQ(json_string("a\"b\\c\n"), R"("a\"b\\c\n")");
  EXPECT_EQ(json_string("\xff"), "\"\xef\xbf\xbd\"");
  EXPECT_EQ(json_array(std::vector<std::string>{"/app/server", "-p", "{port}"}),
            R"(["/app/server", "-p", "{port}"])");
}

TEST(Quote, SystemdNeitherSplitsNorExpandsAWord) {
  EXPECT_EQ(command({"/bin/app", "--port=1", "a,b@c"}), "/bin/app --port=1 a,b@c");
  EXPECT_EQ(command({"a b", ""}), R"("a b" "")");
  EXPECT_EQ(command({"$HOME", "100%", "{port}"}), R"("$$HOME" "100%%" "{port}")");
  EXPECT_EQ(command({"say \"hi\"", "back\\slash", "two\nlines", ";"}),
            R"("say \"hi\"" "back\\slash" "two\nlines" ";")");
}

TEST(Quote, AnAssignmentKeepsItsValueWhole) {
  EXPECT_EQ(systemd_assignment("A", "1 % of $B"), R"("A=1 %% of $B")");
  EXPECT_EQ(docker_assignment("A", "1 % of $B \"x\""), R"(A="1 % of \$B \"x\"")");
}

}  // namespace
}  // namespace lastcall::deploy
