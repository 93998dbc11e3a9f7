#include <csignal>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/arguments.h"
#include "config/resolve.h"

namespace lastcall::config {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

Result<CheckConfig> resolve_words(const std::vector<std::string>& words) {
  return parse_arguments(check_table(), words).and_then(resolve_check);
}

CheckConfig check_config(const std::vector<std::string>& words) {
  const auto config = resolve_words(words);
  EXPECT_TRUE(config) << config.error().what;
  return config ? *config : CheckConfig{};
}

std::string message(const std::vector<std::string>& words) {
  const auto config = resolve_words(words);
  EXPECT_FALSE(config) << words.front();
  if (config) {
    return "";
  }
  EXPECT_EQ(config.error().exit_status, 2);
  return config.error().what + "; " + config.error().fix;
}

TEST(CheckOptions, HaveTheDocumentedDefaults) {
  const CheckConfig config = check_config({});
  EXPECT_EQ(config.path, "/");
  EXPECT_EQ(config.signal, SIGTERM);
  EXPECT_EQ(config.trials, 3U);
  EXPECT_EQ(config.rate, 200);
  EXPECT_EQ(config.duration, 1s);
  EXPECT_EQ(config.start_timeout, 30s);
  EXPECT_TRUE(config.repeat_signal);
  EXPECT_EQ(config.grace, std::nullopt);
  EXPECT_EQ(config.seed, std::nullopt);
  EXPECT_EQ(config.pid, std::nullopt);
  EXPECT_THAT(config.slow_path, IsEmpty());
}

TEST(CheckOptions, AreRead) {
  const CheckConfig config =
      check_config({"--slow-path", "/slow?s=2", "--ready-path", ":9797/readyz", "--live-path",
                    "http://127.0.0.1:9797/livez", "--signal", "quit", "--trials=1", "--repeat-signal", "off",
                    "--header", "A: b", "--header", "C: d", "--color", "never", "--json", "-"});
  EXPECT_EQ(config.slow_path, "/slow?s=2");
  EXPECT_EQ(config.ready_path, ":9797/readyz");
  EXPECT_EQ(config.live_path, "http://127.0.0.1:9797/livez");
  EXPECT_EQ(config.signal, SIGQUIT);
  EXPECT_EQ(config.trials, 1U);
  EXPECT_FALSE(config.repeat_signal);
  EXPECT_THAT(config.headers, ElementsAre("A: b", "C: d"));
  EXPECT_EQ(config.colour, Colour::never);
  EXPECT_EQ(config.json, "-");
}

TEST(CheckOptions, RefuseAProcessThatMustNotBeSignalled) {
  for (const char* pid : {"0", "1"}) {
    EXPECT_THAT(message({"--pid", pid}), HasSubstr("never signalled"));
  }
  EXPECT_THAT(message({"--pid", "-5"}), HasSubstr("--pid"));
}

TEST(CheckOptions, RefuseASignalThatNobodyCanAnswer) {
  EXPECT_THAT(message({"--signal", "KILL"}), HasSubstr("SIGKILL"));
  EXPECT_THAT(message({"--signal", "STOP"}), HasSubstr("SIGSTOP"));
}

TEST(CheckOptions, RefuseWhatIsNoPath) {
  for (const char* path : {"slow", "/a b", "/a#b", "http://127.0.0.1/slow", ""}) {
    EXPECT_THAT(message({"--slow-path", path}), HasSubstr("is not a path")) << path;
  }
  EXPECT_THAT(message({"--ready-path", "readyz"}), HasSubstr("neither a path nor a URL"));
}

TEST(CheckOptions, ErrorsOfHeadersAndUrlsRepeatNoSecret) {
  EXPECT_THAT(message({"--header", "hunter2"}), Not(HasSubstr("hunter2")));
  EXPECT_THAT(message({"--header", "Bad name: hunter2"}), Not(HasSubstr("hunter2")));
  EXPECT_THAT(message({"--header", "A: hunter2\r\nB: c"}), Not(HasSubstr("hunter2")));
  EXPECT_THAT(message({"--url", "ftp://me:hunter2@host"}), Not(HasSubstr("hunter2")));
}

TEST(CheckOptions, HeadersThatFrameAMessageBelongToTheLoadClient) {
  for (const char* field : {"Host: a", "content-length: 5", "CONNECTION: close"}) {
    EXPECT_THAT(message({"--header", field}), HasSubstr("load client's own"));
  }
}

TEST(CheckOptions, SuggestTheNearestOptionOfCheckAlone) {
  EXPECT_THAT(message({"--trails", "3"}), HasSubstr("did you mean --trials?"));
  EXPECT_THAT(message({"--lame-duck", "3s"}), Not(HasSubstr("did you mean --lame-duck")));
}

}  // namespace
}  // namespace lastcall::config
