#include "sys/netstat.h"

#include <gtest/gtest.h>

namespace lastcall::sys {
namespace {

TEST(Netstat, SumsTheCountersOfAFullQueue) {
  EXPECT_EQ(sum_overflow_counters("TcpExt: SyncookiesSent Other ListenOverflows ListenDrops\n"
                                  "TcpExt: 1 1000 20 300\n"
                                  "IpExt: InNoRoutes\n"
                                  "IpExt: 9\n"),
            321);
}

TEST(Netstat, FindsItsGroupAnywhere) {
  EXPECT_EQ(sum_overflow_counters("IpExt: ListenDrops\nIpExt: 9\nTcpExt: ListenDrops\nTcpExt: 4"), 4);
}

TEST(Netstat, SaysNothingOfATextWithoutThem) {
  EXPECT_EQ(sum_overflow_counters(""), std::nullopt);
  EXPECT_EQ(sum_overflow_counters("TcpExt: Other\nTcpExt: 1\n"), std::nullopt);
  EXPECT_EQ(sum_overflow_counters("TcpExt: ListenDrops"), std::nullopt);
  EXPECT_EQ(sum_overflow_counters("TcpExt: ListenDrops\nTcpExt: many\n"), std::nullopt);
}

}  // namespace
}  // namespace lastcall::sys
