#include "config/arguments.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/options.h"
#include "config/suggest.h"

namespace lastcall::config {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

Arguments parsed(const std::vector<std::string>& words) {
  auto arguments = parse_arguments(run_table(), words);
  EXPECT_TRUE(arguments) << arguments.error().what;
  return arguments ? *std::move(arguments) : Arguments{};
}

Error refused(const std::vector<std::string>& words) {
  auto arguments = parse_arguments(run_table(), words);
  EXPECT_FALSE(arguments);
  return arguments ? Error{} : std::move(arguments).error();
}

TEST(Arguments, EverythingAfterTheSeparatorIsTheCommand) {
  const Arguments arguments = parsed({"--grace", "5s", "--", "app", "--grace", "--", "-x"});
  EXPECT_THAT(arguments.command, ElementsAre("app", "--grace", "--", "-x"));
  EXPECT_THAT(arguments.given.at("grace"), ElementsAre("5s"));
}

TEST(Arguments, ValuesStandBesideOrBehindAnEqualsSign) {
  const Arguments arguments = parsed({"--listen=:80", "--admin", "[::1]:90"});
  EXPECT_THAT(arguments.given.at("listen"), ElementsAre(":80"));
  EXPECT_THAT(arguments.given.at("admin"), ElementsAre("[::1]:90"));
  EXPECT_THAT(arguments.given, testing::SizeIs(2));
}

TEST(Arguments, RepeatedOptionsAreKeptInTheirOrder) {
  EXPECT_THAT(parsed({"--grace=1s", "--grace", "2s"}).given.at("grace"), ElementsAre("1s", "2s"));
}

TEST(Arguments, ASwitchNeedsNoValueButTakesOne) {
  EXPECT_THAT(parsed({"--access-log"}).given.at("access-log"), ElementsAre("on"));
  EXPECT_THAT(parsed({"--access-log=off"}).given.at("access-log"), ElementsAre("off"));
}

TEST(Arguments, AnUnknownOptionComesWithTheNearestKnownOne) {
  const Error error = refused({"--lisen=:80", "--", "app"});
  EXPECT_EQ(error.what, "unknown option --lisen");
  EXPECT_EQ(error.fix, "did you mean --listen?");
  EXPECT_EQ(error.exit_status, 2);
  EXPECT_EQ(refused({"--drain", "5s"}).fix, "did you mean --drain-timeout?");
  EXPECT_THAT(refused({"--zzzzzz"}).fix, HasSubstr("--help"));
}

TEST(Arguments, FlagsBesideTheTableAreOfferedToo) {
  const std::vector<std::string> beside = {"--replicas"};
  const auto arguments = parse_arguments(run_table(), std::vector<std::string>{"--repliacs"}, beside);
  EXPECT_EQ(arguments.error().fix, "did you mean --replicas?");
}

TEST(Arguments, AMissingValueIsNamedWithAnExample) {
  EXPECT_EQ(refused({"--grace"}).what, "--grace needs a value");
  EXPECT_EQ(refused({"--grace="}).fix, "write it as --grace 30s");
  EXPECT_EQ(refused({"--report"}).fix, "write it as --report FILE");
}

TEST(Arguments, ASwitchIsToldHowItIsSetToOff) {
  EXPECT_EQ(refused({"--access-log", "false", "--", "app"}).fix, "write it as --access-log=false");
  EXPECT_EQ(refused({"--access-log", "on"}).fix, "write it as --access-log=on");
  EXPECT_EQ(refused({"--no-access-log"}).fix, "write it as --access-log=off");
  EXPECT_EQ(refused({"--no-forward-headers"}).fix, "write it as --forward-headers=off");
}

TEST(Arguments, ADurationInTwoWordsIsToldInOne) {
  const Error error = refused({"--grace", "300", "ms", "--", "app"});
  EXPECT_EQ(error.what, "unexpected argument 'ms'");
  EXPECT_EQ(error.fix, "write it as --grace 300ms");
  EXPECT_EQ(refused({"--max-body", "10", "MiB"}).fix, "write it as --max-body 10MiB");
  EXPECT_THAT(refused({"--grace", "30s", "app"}).fix, HasSubstr("lastcall run -- app"));
}

TEST(Arguments, AWordTooManyBeforeACommandIsNotTakenForTheCommand) {
  EXPECT_THAT(refused({"--access-log", "stray", "--", "app"}).fix, HasSubstr("leave it out"));
}

TEST(Arguments, ACommandWithoutTheSeparatorIsShownWhereItBelongs) {
  const Error error = refused({"--grace", "5s", "puma", "-p", "3000"});
  EXPECT_EQ(error.what, "unexpected argument 'puma'");
  EXPECT_THAT(error.fix, HasSubstr("lastcall run -- puma -p 3000"));
}

TEST(Arguments, HelpAndVersionAreSeenBesideAnythingElse) {
  EXPECT_TRUE(parsed({"--help"}).help);
  EXPECT_TRUE(parsed({"--grace=5s", "-h"}).help);
  EXPECT_TRUE(parsed({"--version"}).version);
  EXPECT_THAT(parsed({}).command, IsEmpty());
}

TEST(Arguments, AMissingCommandIsExplainedByAnExample) {
  EXPECT_THAT(missing_command(run_table()).value().fix, HasSubstr("lastcall run -- "));
  EXPECT_EQ(missing_command(run_table()).value().exit_status, 2);
}

TEST(Suggest, FewEditsOrABeginningAreNearEnough) {
  const std::vector<std::string> words = {"--grace", "--drain-timeout", "--max-head"};
  EXPECT_EQ(nearest("--garce", words), "--grace");
  EXPECT_EQ(nearest("--grce", words), "--grace");
  EXPECT_EQ(nearest("--drain", words), "--drain-timeout");
  EXPECT_EQ(nearest("--tls", words), "");
  EXPECT_EQ(nearest(std::string(10000, 'a'), words), "");
  EXPECT_EQ(nearest("", words), "");
}

TEST(Suggest, TheLastPartOfOneFlagMeansIt) {
  const std::vector<std::string> words = {"--report", "--app-port", "--header-timeout", "--idle-timeout"};
  EXPECT_EQ(nearest("--port", words), "--app-port");
  EXPECT_EQ(nearest("--timeout", words), "");
}

}  // namespace
}  // namespace lastcall::config
