#include <gtest/gtest.h>

#include "sys/sys.h"

namespace lastcall::sys {
namespace {

// The kernel goes through its ephemeral ports nearly in order, so that these attempts try each one more than
// once, the target's own among them.
TEST(Connect, NeverMeetsItselfWhereNobodyListens) {
  constexpr int kAttempts = 50'000;
  Address target =
      local_address(UniqueFd(listen_on({.family = Address::Family::ipv4, .ip = {127, 0, 0, 1}}, 1)).get());
  target.port &= 0xfffe;  // connects get even ports first
  for (int i = 0; i < kAttempts; ++i) {
    const UniqueFd client(connect_to(target));
    if (client) {
      ASSERT_NE(local_address(client.get()), target);
    }
  }
}

}  // namespace
}  // namespace lastcall::sys
