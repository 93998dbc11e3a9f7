#include "log/logger.h"

#include <limits>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace lastcall::log {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;

constexpr std::int64_t kNoon2026 = 1793275200123;  // 2026-10-29T12:00:00.123Z

struct Captured {
  std::vector<std::string> lines;
  std::mutex mutex;

  Logger logger(Format format, Level level = Level::debug) {
    return {level, format,
            [this](std::string_view line) {
              const std::lock_guard lock(mutex);
              lines.emplace_back(line);
            },
            [] { return kNoon2026; }};
  }
};

TEST(Logger, TextIsTimeLevelEventAndPairs) {
  Captured captured;
  captured.logger(Format::text)
      .info("drain_begin", {{"cause", "SIGTERM"}, {"in_flight", 17}, {"forced", false}});
  EXPECT_EQ(captured.lines.at(0),
            "2026-10-29T12:00:00.123Z info  drain_begin cause=SIGTERM in_flight=17 forced=false\n");
}

TEST(Logger, JsonKeepsTheOrderAndTheTypesOfTheFields) {
  Captured captured;
  captured.logger(Format::json)
      .warn("slow", {{"count", 18446744073709551615ULL},
                     {"delta", -3},
                     {"seconds", 1.5},
                     {"on", true},
                     {"who", "a b"}});
  EXPECT_EQ(
      captured.lines.at(0),
      R"({"time":"2026-10-29T12:00:00.123Z","level":"warn","event":"slow","count":18446744073709551615,)"
      R"("delta":-3,"seconds":1.5,"on":true,"who":"a b"})"
      "\n");
}

TEST(Logger, TextQuotesWhatIsNotPlain) {
  Captured captured;
  const Logger logger = captured.logger(Format::text);
  logger.info("e",
              {{"empty", ""}, {"space", "a b"}, {"quote", "a\"b"}, {"equals", "a=b"}, {"path", "/a/b?c"}});
  EXPECT_THAT(captured.lines.at(0),
              EndsWith("e empty=\"\" space=\"a b\" quote=\"a\\\"b\" equals=\"a=b\" path=/a/b?c\n"));
}

TEST(Logger, NoValueCanForgeALineOrSteerATerminal) {
  const std::string evil = "x\r\n2026 info forged\x1b[2J\x7f\xc2\x9b" + std::string(1, '\0');
  for (const Format format : {Format::text, Format::json}) {
    Captured captured;
    captured.logger(format).info("e", {{"path", evil}});
    const std::string& line = captured.lines.at(0);
    for (const char c : std::string_view(line).substr(0, line.size() - 1)) {
      EXPECT_TRUE(c >= ' ' && c < 0x7f) << line;
    }
    EXPECT_THAT(line, EndsWith("\n"));
  }
}

TEST(Logger, JsonIsValidForEveryByte) {
  std::string every;
  for (int byte = 0; byte < 256; ++byte) {
    every.push_back(static_cast<char>(byte));
  }
  Captured captured;
  captured.logger(Format::json)
      .info("e", {{"bytes", every}, {"nan", std::numeric_limits<double>::quiet_NaN()}});
  const auto parsed = nlohmann::json::parse(captured.lines.at(0));
  EXPECT_THAT(parsed["bytes"].get<std::string>(), HasSubstr("\xef\xbf\xbd"));
  EXPECT_TRUE(parsed["nan"].is_null());
}

TEST(Logger, LevelsBelowItsOwnAreLeftOut) {
  Captured captured;
  const Logger logger = captured.logger(Format::text, Level::warn);
  logger.debug("no");
  logger.info("no");
  logger.warn("yes");
  logger.error("yes");
  EXPECT_EQ(captured.lines.size(), 2U);
  EXPECT_FALSE(logger.enabled(Level::info));
}

TEST(Logger, ALineIsNeverLongerThanAPipeTakesWhole) {
  for (const Format format : {Format::text, Format::json}) {
    Captured captured;
    const std::string longest(100000, 'a');
    const std::string widest(1024, '\x01');
    captured.logger(format).info(
        "e", {{"a", longest}, {"b", widest}, {"c", longest}, {"d", longest}, {"last", 1}});
    const std::string& line = captured.lines.at(0);
    EXPECT_LE(line.size(), Logger::kMaxLine);
    EXPECT_THAT(line, HasSubstr("truncated"));
    EXPECT_THAT(line, Not(HasSubstr("last")));
    if (format == Format::json) {
      EXPECT_TRUE(nlohmann::json::accept(line));
    }
  }
}

TEST(Logger, LinesOfManyThreadsStayWhole) {
  Captured captured;
  const Logger logger = captured.logger(Format::json);
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&logger, thread] {
      for (int i = 0; i < 100; ++i) {
        logger.info("e", {{"thread", thread}, {"i", i}});
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  EXPECT_EQ(captured.lines.size(), 400U);
  for (const std::string& line : captured.lines) {
    EXPECT_TRUE(nlohmann::json::accept(line)) << line;
  }
}

}  // namespace
}  // namespace lastcall::log
