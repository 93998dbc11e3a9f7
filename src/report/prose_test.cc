#include "report/prose.h"

#include <gmock/gmock.h>

namespace lastcall::report {
namespace {

TEST(Prose, FillsLinesAndBreaksNoWord) {
  EXPECT_EQ(wrap("one two three four", 2, 10), "  one two\n  three\n  four\n");
  EXPECT_EQ(wrap("one\ntwo", 0, 80), "one two\n");
  EXPECT_EQ(wrap("incomprehensible", 2, 8), "  incomprehensible\n");
}

TEST(Prose, KeepsCodeAsItStands) {
  EXPECT_EQ(wrap("say:\n  if (a)\n    b();\nand\nso on", 1, 80), " say:\n   if (a)\n     b();\n and so on\n");
}

TEST(Prose, BeginsAfterALabel) {
  EXPECT_EQ(wrap_after("LC201", "one two", 8, 13), "LC201   one\n        two\n");
  EXPECT_EQ(wrap_after("too long", "one", 4, 80), "too long one\n");
  EXPECT_EQ(wrap_after("bare", "", 8, 80), "bare    \n");
}

TEST(Prose, CountsCharactersNotBytes) {
  EXPECT_EQ(width("µs…"), 3U);
  EXPECT_EQ(pad("µs", 4), "µs  ");
  EXPECT_EQ(pad("long", 2), "long");
  EXPECT_EQ(cut_to("µ1234", 4), "µ12…");
  EXPECT_EQ(cut_to("µ123", 4), "µ123");
}

TEST(Prose, LetsNothingFromOutsideSteerTheTerminal) {
  EXPECT_EQ(printable("caf\xc3\xa9 / \xe6\xbc\xa2"), "caf\xc3\xa9 / \xe6\xbc\xa2");
  EXPECT_EQ(printable("\x1b[2J\r\n\x7f"), "\\x1b[2J\\x0d\\x0a\\x7f");
  EXPECT_EQ(printable("\xc2\x9b"), "\\xc2\\x9b") << "CSI as one C1 character";
  EXPECT_EQ(printable("\xe2\x80\xae"), "\\xe2\\x80\\xae") << "right to left";
  EXPECT_EQ(printable("\xff\xc3("), "\\xff\\xc3(") << "no UTF-8";
  EXPECT_EQ(printable("\xc0\xaf\xed\xa0\x80\xf4\x90\x80\x80"),
            "\\xc0\\xaf\\xed\\xa0\\x80\\xf4\\x90\\x80\\x80")
      << "overlong, surrogate, out of range";
  EXPECT_EQ(printable("\xe2\x82"), "\\xe2\\x82") << "ends too early";
}

}  // namespace
}  // namespace lastcall::report
