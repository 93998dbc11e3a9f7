#include "lastcall/admin_listener.h"

#include <future>
#include <string>

#include <gmock/gmock.h>

#include "base/time.h"
#include "sys/sys.h"

namespace lastcall {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

std::string get(std::uint16_t port, std::string_view path) {
  const sys::UniqueFd socket(sys::connect_to(sys::loopback_ipv4(port)));
  const sys::UniqueFd poller(sys::poller_create());
  sys::poller_add(poller.get(), socket.get(), sys::kReadable | sys::kWritable, nullptr);
  sys::ReadyEvent event[1];
  static_cast<void>(sys::poller_wait(poller.get(), event, Duration::max()));
  static_cast<void>(
      sys::send(socket.get(), "GET " + std::string(path) + " HTTP/1.1\r\nHost: x\r\n\r\n", false));
  std::string answer;
  char bytes[4096];
  for (ssize_t got = -EAGAIN; got != 0; got = sys::receive(socket.get(), bytes)) {
    if (got > 0) {
      answer.append(bytes, static_cast<std::size_t>(got));
    } else if (got != -EAGAIN) {
      break;
    }
    static_cast<void>(sys::poller_wait(poller.get(), event, 1s));
  }
  return answer;
}

class Admin : public ::testing::Test {
 protected:
  Admin()
      : coordinator_(Coordinator::create({.grace = 12s,
                                          .lame_duck = LameDuck{},
                                          .watchdog = false,
                                          .handle_signals = false,
                                          .log = [](std::string_view) {}})
                         .value()) {}

  AdminListener open() { return AdminListener::open(coordinator_, {.port = 0}).value(); }

  Coordinator coordinator_;
};

TEST_F(Admin, AnswersFromTheStartToAfterTheEnd) {
  const AdminListener admin = open();
  EXPECT_THAT(get(admin.port(), "/health/live"), StartsWith("HTTP/1.1 200"));
  EXPECT_THAT(get(admin.port(), "/health/ready"), HasSubstr("starting"));
  coordinator_.shutdown("test");
  EXPECT_TRUE(coordinator_.run().clean());
  EXPECT_THAT(get(admin.port(), "/health/live"), StartsWith("HTTP/1.1 200"));
  EXPECT_THAT(get(admin.port(), "/api/health"), StartsWith("HTTP/1.1 503"));
  EXPECT_THAT(get(admin.port(), "/metrics"), HasSubstr("lastcall_state{state=\"stopped\"} 1"));
}

TEST_F(Admin, CheckThatHangsHoldsUpNoOtherProbe) {
  std::promise<void> asked;
  std::promise<void> release;
  auto added = coordinator_.health().add_check({.name = "database", .timeout = 1h}, [&]() -> Result<void> {
    asked.set_value();
    release.get_future().wait();
    return failure("connection refused");
  });
  ASSERT_TRUE(added);
  coordinator_.started();
  const AdminListener admin = open();
  asked.get_future().wait();
  EXPECT_THAT(get(admin.port(), "/livez"), StartsWith("HTTP/1.1 200"));
  EXPECT_THAT(get(admin.port(), "/readyz"), StartsWith("HTTP/1.1 503"));
  release.set_value();
}

TEST_F(Admin, AnAddressThatIsTakenIsAnError) {
  const AdminListener admin = open();
  const auto second = AdminListener::open(coordinator_, {.port = admin.port()});
  ASSERT_FALSE(second);
  EXPECT_THAT(second.error().what, HasSubstr("cannot have 127.0.0.1:"));
}

}  // namespace
}  // namespace lastcall
