#include "config/utf8.h"

#include <gtest/gtest.h>

namespace lastcall::config {
namespace {

TEST(Utf8, ACharacterHasAsManyBytesAsItsFirstSays) {
  EXPECT_EQ(character_size("ab"), 1U);
  EXPECT_EQ(character_size("é!"), 2U);
  EXPECT_EQ(character_size("€"), 3U);
  EXPECT_EQ(character_size("😀"), 4U);
}

TEST(Utf8, WhatIsCutOffOverlongOrNoCharacterIsNone) {
  for (const std::string_view bytes :
       {"\xc3", "\xe2\x82", "\x80", "\xff", "\xc3(", "\xc0\xaf", "\xe0\x80\x80", "\xed\xa0\x80",
        "\xf4\x90\x80\x80", "\xf8\x88\x80\x80\x80"}) {
    EXPECT_EQ(character_size(bytes), 0U) << bytes;
  }
}

TEST(Utf8, TomlWritesItInAscii) {
  EXPECT_EQ(toml_escape("\x01"), "\\u0001");
  EXPECT_EQ(toml_escape("é"), "\\u00e9");
  EXPECT_EQ(toml_escape("€"), "\\u20ac");
  EXPECT_EQ(toml_escape("😀"), "\\U0001f600");
}

}  // namespace
}  // namespace lastcall::config
