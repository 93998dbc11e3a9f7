#include "net/accept_error.h"

#include <cerrno>

#include <gtest/gtest.h>

namespace lastcall::net {
namespace {

TEST(AcceptErrors, SayThatNobodyWaits) {
  EXPECT_EQ(classify_accept_error(-EAGAIN), AcceptError::none_waiting);
  EXPECT_EQ(classify_accept_error(-EINVAL), AcceptError::none_waiting);
}

TEST(AcceptErrors, OfOneClientDoNotHoldUpTheNext) {
  for (const int error : {ECONNABORTED, EPROTO, EPERM, ENETDOWN, EHOSTUNREACH, ENETUNREACH, ETIMEDOUT}) {
    EXPECT_EQ(classify_accept_error(-error), AcceptError::that_client_only) << error;
  }
}

TEST(AcceptErrors, ThatMayLastCallForAPause) {
  for (const int error : {EMFILE, ENFILE, ENOBUFS, ENOMEM, EACCES}) {
    EXPECT_EQ(classify_accept_error(-error), AcceptError::out_of_resources) << error;
  }
}

}  // namespace
}  // namespace lastcall::net
