#include "base/units.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lastcall {
namespace {

using testing::HasSubstr;

TEST(Units, DurationsAreReadWithTheirUnits) {
  EXPECT_EQ(parse_duration("30s"), Duration(30s));
  EXPECT_EQ(parse_duration("1m30s"), Duration(90s));
  EXPECT_EQ(parse_duration("250ms"), Duration(250ms));
  EXPECT_EQ(parse_duration("1h2m3s4ms5us"), Duration(1h + 2min + 3s + 4ms + 5us));
  EXPECT_EQ(parse_duration("1.5s"), Duration(1500ms));
  EXPECT_EQ(parse_duration("1m2.25s"), Duration(62250ms));
  EXPECT_EQ(parse_duration("0.000001s"), Duration(1us));
  EXPECT_EQ(parse_duration("0.5h"), Duration(30min));
  EXPECT_EQ(parse_duration("0"), Duration(0s));
  EXPECT_EQ(parse_duration("0s"), Duration(0s));
  EXPECT_EQ(parse_duration("8760h"), kMaxDuration);
}

TEST(Units, ABareNumberIsToldThatItsUnitIsMissing) {
  const auto duration = parse_duration("30");
  ASSERT_FALSE(duration);
  EXPECT_THAT(duration.error().what, HasSubstr("'30' is not a duration: the unit is missing"));
  EXPECT_THAT(duration.error().fix, HasSubstr("30s"));
  EXPECT_EQ(duration.error().exit_status, 2);
  EXPECT_THAT(parse_duration("1m30").error().what, HasSubstr("the unit is missing"));
  EXPECT_THAT(parse_size("1024").error().what, HasSubstr("the unit is missing"));
}

TEST(Units, OddDurationsAreRefused) {
  for (const char* text : {"",
                           "s",
                           "-1s",
                           "+1s",
                           "1.5",
                           ".5s",
                           "1.s",
                           "1.5s1ms",
                           "1..5s",
                           "1.0000001s",
                           "0.5us",
                           "8760.1h",
                           "8760h0.5s",
                           "1,5s",
                           "1s1m",
                           "1s1s",
                           "1S",
                           "1 s",
                           " 1s",
                           "1s ",
                           "1sec",
                           "1d",
                           "0x1s",
                           "8761h",
                           "99999999999999999999s",
                           "9223372036854775807h",
                           "00:30"}) {
    EXPECT_FALSE(parse_duration(text)) << text;
  }
}

TEST(Units, ADurationIsPrintedInTheFormThatIsRead) {
  for (const Duration duration :
       {Duration(0s), Duration(1us), Duration(250ms), Duration(1500ms), Duration(90s), Duration(41s),
        Duration(1h), Duration(25h + 1ms), Duration(2833501us), Duration(1h + 1us), Duration(59'999'999us),
        kMaxDuration}) {
    EXPECT_EQ(parse_duration(print_duration(duration)), duration) << print_duration(duration);
  }
  EXPECT_EQ(print_duration(90s), "1m30s");
  EXPECT_EQ(print_duration(1500ms), "1.5s");
  EXPECT_EQ(print_duration(2833500us), "2.8335s");
  EXPECT_EQ(print_duration(62005ms), "1m2.005s");
  EXPECT_EQ(print_duration(250ms), "250ms");
  EXPECT_EQ(print_duration(1500us), "1.5ms");
  EXPECT_EQ(print_duration(1h + 30us), "1h30us");
  EXPECT_EQ(print_duration(999ns), "0");
  EXPECT_EQ(print_duration(0s), "0");
}

TEST(Units, AShareOfABudgetIsRoundedToWhatAPersonWouldChoose) {
  EXPECT_EQ(round_down(2833500us), Duration(2800ms));
  EXPECT_EQ(round_down(100ms), Duration(100ms));
  EXPECT_EQ(round_down(33333us), Duration(33ms));
  EXPECT_EQ(round_down(0s), Duration(0s));
}

TEST(Units, SizesAreReadWithTheirUnits) {
  EXPECT_EQ(parse_size("32KiB"), 32768U);
  EXPECT_EQ(parse_size("1MiB"), 1048576U);
  EXPECT_EQ(parse_size("2GiB"), 2147483648U);
  EXPECT_EQ(parse_size("512B"), 512U);
  EXPECT_EQ(parse_size("0"), 0U);
}

TEST(Units, OddSizesAreRefused) {
  for (const char* text :
       {"", "KiB", "-1B", "1.5MiB", "32K", "32KB", "32kib", "1 MiB", "17179869184GiB", "1MiB1KiB"}) {
    EXPECT_FALSE(parse_size(text)) << text;
  }
}

TEST(Units, ASizeIsPrintedInTheFormThatIsRead) {
  for (const std::uint64_t size : {0ULL, 1ULL, 1500ULL, 32768ULL, 1048576ULL, 1048577ULL, 5ULL << 30}) {
    EXPECT_EQ(parse_size(print_size(size)), size);
  }
  EXPECT_EQ(print_size(32768), "32KiB");
}

TEST(Units, CountsAreDigitsWithinTheirBounds) {
  EXPECT_EQ(parse_count("0", 0, 64), 0U);
  EXPECT_EQ(parse_count("65535", 1, 65535), 65535U);
  for (const char* text : {"", "65536", "0", "-1", "+1", "1 ", "1e3", "abc"}) {
    EXPECT_FALSE(parse_count(text, 1, 65535)) << text;
  }
}

}  // namespace
}  // namespace lastcall
