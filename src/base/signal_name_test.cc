#include "base/signal_name.h"

#include <csignal>

#include <gtest/gtest.h>

namespace lastcall {
namespace {

TEST(SignalName, NamesAndNumbersMeanTheSame) {
  for (const char* text : {"TERM", "SIGTERM", "term", "SigTerm", "15"}) {
    EXPECT_EQ(parse_signal(text), SIGTERM) << text;
  }
  EXPECT_EQ(parse_signal("WINCH"), SIGWINCH);
  EXPECT_EQ(parse_signal("64"), 64);
}

TEST(SignalName, WhatIsNoSignalIsRefused) {
  for (const char* text : {"", "SIG", "TERMINATE", "0", "65", "-15", "15 ", "SIGSIGTERM"}) {
    ASSERT_FALSE(parse_signal(text)) << text;
    EXPECT_EQ(parse_signal(text).error().exit_status, 2);
  }
}

TEST(SignalName, ASignalIsPrintedByItsFullName) {
  EXPECT_EQ(signal_name(SIGTERM), "SIGTERM");
  EXPECT_EQ(signal_name(40), "signal 40");
}

}  // namespace
}  // namespace lastcall
