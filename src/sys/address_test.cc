#include "sys/address.h"

#include <gtest/gtest.h>

namespace lastcall::sys {
namespace {

TEST(Address, ReadsEveryFormAndWritesItBack) {
  const std::pair<const char*, const char*> forms[] = {
      {"127.0.0.1:80", "127.0.0.1:80"},
      {"localhost:8080", "127.0.0.1:8080"},
      {"[::1]:443", "[::1]:443"},
      {":9797", "[::]:9797"},
      {"unix:/run/app.sock", "unix:/run/app.sock"},
      {"3000", "[::]:3000"},
  };
  for (const auto& [written, meant] : forms) {
    const auto address = parse_address(written);
    ASSERT_TRUE(address) << written;
    EXPECT_EQ(address->text(), meant);
  }
}

TEST(Address, RefusesWhatItCannotMeanAndSaysHowToMendIt) {
  for (const char* text : {"", "example.org:80", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:8x", "::1:80",
                           "[127.0.0.1]:80", "unix:", "[::1]", "1.2.3:80", "127.0.0.1:-1"}) {
    const auto address = parse_address(text);
    ASSERT_FALSE(address) << text;
    EXPECT_EQ(address.error().exit_status, 2);
    EXPECT_FALSE(address.error().fix.empty());
  }
}

TEST(Address, KnowsTheOnesThatMeanEveryAddress) {
  EXPECT_TRUE(parse_address(":80")->is_wildcard());
  EXPECT_TRUE(parse_address("0.0.0.0:80")->is_wildcard());
  EXPECT_FALSE(parse_address("[::1]:80")->is_wildcard());
  EXPECT_FALSE(parse_address("127.0.0.1:80")->is_wildcard());
  EXPECT_FALSE(parse_address("unix:/run/app.sock")->is_wildcard());
}

TEST(Address, NamesAMappedClientByItsIpv4Address) {
  const auto address = parse_address("[::ffff:192.0.2.7]:1234");
  ASSERT_TRUE(address);
  EXPECT_EQ(address->host(), "192.0.2.7");
}

}  // namespace
}  // namespace lastcall::sys
