// Out of the rotation and back, and what whoever looks sees of the exchanges in flight.
#include <gmock/gmock.h>

#include "proxy/testbed.h"

namespace lastcall::proxy {
namespace {

using testing::IsEmpty;

class RotationTest : public ProxyTest {
 protected:
  void set_rotation(drain::Rotation rotation) {
    tell([rotation](Proxy& proxy) { proxy.set_rotation(rotation); });
  }

  std::vector<drain::OpenExchange> exchanges(std::size_t most = 10) {
    return ask([most](Proxy& proxy) { return proxy.snapshot(most).exchanges; });
  }

  /// What the app's own answer to `request` looks like to a new client.
  Response answer_to(std::string_view request) {
    Peer user = client();
    user.send(request);
    Peer app_side = app.accept();
    app_side.head();
    app_side.send(kOk);
    return user.response();
  }

  static constexpr std::string_view kProbe = "GET /up HTTP/1.1\r\nHost: a\r\n\r\n";
};

TEST_F(RotationTest, AnswersHealthPathsAndNothingElseWith503WhileUnready) {
  settings.health_paths = {"/up"};
  start();
  set_rotation(drain::Rotation::unready);
  Peer probe = client();
  probe.send(kProbe);
  EXPECT_EQ(probe.response().status(), 503);
  const Response response = answer_to(kGet);
  EXPECT_EQ(response.body, "hi");
  EXPECT_FALSE(response.closes());
}

TEST_F(RotationTest, TellsClientsToLeaveOnceAnnouncedAndServesWhoeverComes) {
  start();
  Peer user = client();
  user.send(kGet);
  Peer app_side = app.accept();
  app_side.head();
  set_rotation(drain::Rotation::announced);
  app_side.send(kOk);
  EXPECT_TRUE(user.response().closes());
  EXPECT_EQ(user.end(), Peer::End::closed);
  Peer next = client();
  EXPECT_EQ(exchange(next, app_side).body, "hi");
}

TEST_F(RotationTest, ComesBackAsIfNothingHadBeen) {
  settings.health_paths = {"/up"};
  start();
  set_rotation(drain::Rotation::announced);
  set_rotation(drain::Rotation::in);
  const Response response = answer_to(kProbe);
  EXPECT_EQ(response.status(), 200);
  EXPECT_FALSE(response.closes());
  EXPECT_EQ(traffic().finished, 0U) << "no shutdown has begun";
}

TEST_F(RotationTest, AShutdownIsNotTakenBackWithIt) {
  settings.health_paths = {"/up"};
  start();
  set_rotation(drain::Rotation::announced);
  tell(&Proxy::unready);
  tell(&Proxy::announce);
  set_rotation(drain::Rotation::in);
  Peer probe = client();
  probe.send(kProbe);
  EXPECT_EQ(probe.response().status(), 503);
  EXPECT_TRUE(answer_to(kGet).closes());
}

TEST_F(RotationTest, ShowsWhatIsInFlightTheOldestFirstWithoutItsQuery) {
  settings.workers = 2;
  start();
  EXPECT_THAT(exchanges(), IsEmpty());
  Peer first = client();
  first.send(kGet);
  Peer first_app = app.accept();
  const std::size_t head = std::string_view(kGet).size();
  Peer second = client();
  second.send("POST /b HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabcd");
  Peer second_app = app.accept();
  ASSERT_TRUE(wait_for(&drain::InFlight::requests, 2));
  const auto found = exchanges();
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].method, "GET");
  EXPECT_EQ(found[0].path, "/a");
  EXPECT_EQ(found[0].client, "127.0.0.1");
  EXPECT_EQ(found[0].stage, "waiting");
  EXPECT_EQ(found[0].bytes_in, head);
  EXPECT_GE(found[0].age, found[1].age);
  EXPECT_EQ(found[1].path, "/b");
  EXPECT_EQ(found[1].stage, "uploading");
  EXPECT_EQ(exchanges(1).size(), 1U);
}

TEST_F(RotationTest, ShowsNoMoreThanTheBeginningOfALongPath) {
  start();
  Peer user = client();
  const std::string path = "/" + std::string(2 * kPathTold, 'a');
  user.send("GET " + path + " HTTP/1.1\r\nHost: a\r\n\r\n");
  Peer app_side = app.accept();
  EXPECT_EQ(app_side.head().substr(4, path.size()), path);
  EXPECT_EQ(exchanges().at(0).path, path.substr(0, kPathTold));
}

TEST_F(RotationTest, ShowsWhatIsHeldAndWhatIsOnItsWayOut) {
  start(false);
  Peer user = client();
  user.send(kGet);
  ASSERT_TRUE(wait_for([&] { return exchanges().size() == 1; }));
  EXPECT_EQ(exchanges().front().stage, "held");
  tell(&Proxy::app_ready);
  Peer app_side = app.accept();
  app_side.head();
  app_side.send("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nab");
  user.read_until("ab");
  EXPECT_EQ(exchanges().front().stage, "downloading");
  EXPECT_GT(exchanges().front().bytes_out, 0U);
}

TEST_F(RotationTest, OneSnapshotAddsUpEveryWorker) {
  settings.workers = 2;
  start();
  std::vector<Peer> users;
  std::vector<Peer> app_sides;
  for (int i = 0; i < 8; ++i) {
    users.push_back(client());
    users.back().send(kGet);
    app_sides.push_back(app.accept());
    app_sides.back().head();
  }
  const Snapshot all = ask([](Proxy& proxy) { return proxy.snapshot(5); });
  EXPECT_EQ(all.in_flight.requests, 8U);
  ASSERT_EQ(all.exchanges.size(), 5U);
  EXPECT_GT(all.oldest_request, Duration::zero());
  EXPECT_TRUE(std::ranges::is_sorted(all.exchanges, std::ranges::greater(), &drain::OpenExchange::age));
  EXPECT_THAT(ask([](Proxy& proxy) { return proxy.snapshot(0).exchanges; }), IsEmpty());
}

TEST(ProxyBeforeItsStart, CanBeAskedWhatItDoes) {
  net::Loop control;
  log::Logger logger(log::Level::error, log::Format::text, [](std::string_view) {}, [] { return 0; });
  Settings settings;
  settings.workers = 2;
  const Proxy proxy(settings, sys::UniqueFd(sys::listen_on(any_loopback_port(), 16)), control, logger);
  EXPECT_EQ(proxy.in_flight().requests, 0U);
  EXPECT_EQ(proxy.traffic().finished, 0U);
}

}  // namespace
}  // namespace lastcall::proxy
