// The shutdown as clients see it, and what is told and counted of it.
#include "proxy/testbed.h"

namespace lastcall::proxy {
namespace {

class DrainTest : public ProxyTest {
 protected:
  /// A connection with a request in flight, and the app's end of it.
  std::pair<Peer, Peer> in_flight_request(std::string_view request = kGet) {
    Peer client = this->client();
    client.send(request);
    Peer app_side = app.accept();
    app_side.head();
    return {std::move(client), std::move(app_side)};
  }

  std::pair<Peer, Peer> idle_connection() {
    auto [client, app_side] = in_flight_request();
    app_side.send(kOk);
    EXPECT_EQ(client.response().body, "hi");
    EXPECT_TRUE(wait_for([&] { return in_flight().requests == 0; }));
    return {std::move(client), std::move(app_side)};
  }

  void unready_and_announce() {
    tell(&Proxy::unready);
    tell(&Proxy::announce);
  }

  void close_listener_and_drain() {
    tell(&Proxy::close_listener);
    tell([](Proxy& proxy) { proxy.drain(sys::now() + 1h); });
  }

  void shut_down() {
    unready_and_announce();
    close_listener_and_drain();
  }
};

TEST_F(DrainTest, IsOverAtOnceWhenNothingIsOpen) {
  start();
  shut_down();
  EXPECT_TRUE(told.wait(told.closed));
  EXPECT_TRUE(told.wait(told.drains));
  EXPECT_TRUE(told.wait(told.lingers));
}

TEST_F(DrainTest, SaysCloseWhenTheResponseHeadIsWritten) {
  start();
  auto [before, before_app] = in_flight_request();
  before_app.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nh");
  before.head();
  EXPECT_EQ(before.read(1), "h");
  auto [waiting, waiting_app] = in_flight_request();
  unready_and_announce();
  before_app.send("i");
  EXPECT_EQ(before.read(1), "i");
  waiting_app.send(kOk);
  const Response response = waiting.response();
  EXPECT_EQ(response.body, "hi");
  EXPECT_TRUE(response.closes());
  EXPECT_EQ(waiting.end(), Peer::End::closed);
  // Its head had gone out before: it is told with the next response.
  EXPECT_TRUE(exchange(before, waiting_app).closes());
}

TEST_F(DrainTest, ServesWhoeverConnectsDuringTheLameDuck) {
  start();
  tell(&Proxy::unready);
  auto [early, early_app] = in_flight_request();
  early_app.send(kOk);
  EXPECT_FALSE(early.response().closes());
  tell(&Proxy::announce);
  EXPECT_EQ(told.get(told.redials), 0);
  Peer redial = client();
  redial.send(kGet);
  EXPECT_TRUE(told.wait(told.redials));
  early_app.head();
  early_app.send(kOk);
  EXPECT_TRUE(redial.response().closes());
  EXPECT_TRUE(traffic().last_connection.has_value());
  EXPECT_EQ(traffic().accepted, 2U);
}

TEST_F(DrainTest, CountsNoProbeAndNoEmptyConnectionAsRedial) {
  settings.health_paths = {"/up"};
  start();
  auto [probe, probe_app] = in_flight_request("GET /up HTTP/1.1\r\nHost: a\r\n\r\n");
  probe_app.send(kOk);
  EXPECT_EQ(probe.response().status(), 200);
  unready_and_announce();
  probe.send("GET /up?x HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(probe.response().status(), 503);
  Peer fresh = client();
  fresh.send("GET /up HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(fresh.response().status(), 503);
  client().close();
  Peer silent = client();
  EXPECT_TRUE(wait_for(&drain::InFlight::silent, 1));
  Peer redial = client();
  redial.send(std::string(kGet) + std::string(kGet));
  EXPECT_TRUE(told.wait(told.redials));
  for (int i = 0; i < 2; ++i) {
    probe_app.head();
    probe_app.send(kOk);
    EXPECT_EQ(redial.response().body, "hi");
  }
  EXPECT_EQ(told.get(told.redials), 1);
  EXPECT_TRUE(traffic().last_probe.has_value());
}

TEST_F(DrainTest, AnswersEveryPipelinedRequestThatWasInFlight) {
  start();
  auto [client, app_side] = in_flight_request(std::string(kGet) + std::string(kGet));
  client.send(kGet);
  EXPECT_TRUE(client.quiet());
  unready_and_announce();
  for (int i = 0; i < 3; ++i) {
    if (i > 0) {
      app_side.head();
    }
    app_side.send(kOk);
    const Response response = client.response();
    EXPECT_EQ(response.body, "hi");
    EXPECT_EQ(response.closes(), i == 2);
  }
  EXPECT_EQ(client.end(), Peer::End::closed);
}

TEST_F(DrainTest, TellsAClientThatNeverStopsPipelining) {
  settings.idle_grace = 50ms;
  start();
  auto [client, app_side] = in_flight_request();
  unready_and_announce();
  Response response;
  do {
    client.send(kGet);
    app_side.send(kOk);
    response = client.response();
  } while (!response.closes() && !app_side.head().empty());
  EXPECT_TRUE(response.closes());
}

TEST_F(DrainTest, GivesIdleConnectionsTheirGraceFromTheAnnouncementOn) {
  settings.idle_grace = 80ms;
  start();
  auto [idle, idle_app] = idle_connection();
  Peer silent = client();
  EXPECT_TRUE(wait_for(&drain::InFlight::silent, 1));
  const Time announced = sys::now();
  shut_down();
  EXPECT_EQ(idle.end(), Peer::End::closed);
  EXPECT_GE(sys::now() - announced, settings.idle_grace);
  EXPECT_EQ(silent.end(), Peer::End::closed);
  EXPECT_TRUE(told.wait(told.drains));
  EXPECT_EQ(traffic().idle_closed, 2U);
  EXPECT_EQ(traffic().at_signal.idle, 1U);
  EXPECT_EQ(traffic().at_signal.silent, 1U);
}

TEST_F(DrainTest, ServesARequestThatComesDuringTheIdleGrace) {
  settings.idle_grace = 5s;
  start();
  auto [idle, idle_app] = idle_connection();
  shut_down();
  const Response response = exchange(idle, idle_app);
  EXPECT_EQ(response.body, "hi");
  EXPECT_TRUE(response.closes());
  idle.close();
  EXPECT_TRUE(told.wait(told.drains));
  EXPECT_EQ(traffic().idle_closed, 0U);
  EXPECT_EQ(traffic().finished, 1U);
}

TEST_F(DrainTest, CountsARequestThatCrossesOurEndAsLost) {
  settings.idle_grace = 10ms;
  start();
  auto [idle, idle_app] = idle_connection();
  shut_down();
  EXPECT_EQ(idle.end(), Peer::End::closed);
  idle.send(kGet);
  EXPECT_TRUE(wait_for([&] { return traffic().lost_race == 1; }));
  idle.close();
  EXPECT_TRUE(told.wait(told.lingers));
}

TEST_F(DrainTest, WaitsBrieflyForAnIdleClientThatIgnoresOurEnd) {
  settings.idle_grace = 10ms;
  start();
  auto [client, app_side] = idle_connection();
  const Time began = sys::now();
  shut_down();
  EXPECT_TRUE(told.wait(told.lingers));
  EXPECT_LT(sys::now() - began, kLingerIdle);
}

TEST_F(DrainTest, TakesAnEmptyLineBeforeARequestForNoRequest) {
  settings.idle_grace = 10ms;
  start();
  auto [client, app_side] = idle_connection();
  client.send("\r\n");
  EXPECT_TRUE(wait_for([&] { return in_flight().heads == 0 && in_flight().idle == 1; }));
  shut_down();
  EXPECT_TRUE(told.wait(told.drains));
  EXPECT_EQ(traffic().failed, 0U);
}

TEST_F(DrainTest, WaitsForAHalfSentHeadForTheHeaderTimeout) {
  settings.header_timeout = 1s;
  settings.idle_grace = 10ms;
  start();
  Peer finishing = client();
  finishing.send("GET /a HT");
  Peer stuck = client();
  stuck.send("GET /a HT");
  EXPECT_TRUE(wait_for(&drain::InFlight::heads, 2));
  shut_down();
  EXPECT_EQ(told.get(told.drains), 0);
  finishing.send("TP/1.1\r\nHost: a\r\n\r\n");
  Peer app_side = app.accept();
  app_side.head();
  app_side.send(kOk);
  EXPECT_TRUE(finishing.response().closes());
  EXPECT_EQ(stuck.response().status(), 408);
  EXPECT_TRUE(told.wait(told.drains));
}

TEST_F(DrainTest, ServesConnectionsThatAreAcceptedWhileTheListenerCloses) {
  settings.idle_grace = 200ms;
  start();
  unready_and_announce();
  Peer queued = client();
  close_listener_and_drain();
  queued.send(kGet);
  Peer app_side = app.accept();
  app_side.head();
  EXPECT_TRUE(told.wait(told.closed));
  EXPECT_EQ(told.get(told.drains), 0);
  app_side.send(kOk);
  EXPECT_TRUE(queued.response().closes());
  EXPECT_TRUE(told.wait(told.drains));
}

TEST_F(DrainTest, RefusesNoRequestWhileTheAppCanServe) {
  settings.idle_grace = 5s;
  start();
  auto [idle, idle_app] = idle_connection();
  shut_down();
  EXPECT_TRUE(told.wait(told.closed));
  EXPECT_EQ(exchange(idle, idle_app).status(), 200);
  EXPECT_EQ(traffic().refused, 0U);
}

TEST_F(DrainTest, WaitsForTunnelsAndCutsThem) {
  start();
  Peer client = this->client();
  client.send("GET /ws?k HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n");
  Peer app_side = app.accept();
  app_side.head();
  unready_and_announce();
  app_side.send("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n");
  const Response response = client.response();
  EXPECT_EQ(response.status(), 101);
  EXPECT_FALSE(response.closes());
  close_listener_and_drain();
  EXPECT_TRUE(told.wait(told.closed));
  client.send("still here");
  EXPECT_EQ(app_side.read(10), "still here");
  EXPECT_EQ(told.get(told.drains), 0);
  tell([](Proxy& proxy) { proxy.cut("drain deadline"); });
  EXPECT_EQ(client.end(), Peer::End::closed);
  EXPECT_EQ(app_side.end(), Peer::End::closed);
  EXPECT_TRUE(told.wait(told.drains));
  EXPECT_EQ(traffic().cut, 1U);
}

TEST_F(DrainTest, CutsTruthfullyAndSaysWhatItCut) {
  settings.idle_grace = 5s;
  start();
  auto [waiting, waiting_app] = in_flight_request();
  auto [loading, loading_app] = in_flight_request();
  loading_app.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\npart");
  loading.read_until("part");
  auto [endless, endless_app] = in_flight_request();
  endless_app.send("HTTP/1.1 200 OK\r\n\r\npart");
  endless.read_until("part");
  Peer half = client();
  half.send("GET /a HT");
  EXPECT_TRUE(wait_for(&drain::InFlight::heads, 1));
  Peer silent = client();
  EXPECT_TRUE(wait_for(&drain::InFlight::silent, 1));
  EXPECT_EQ(in_flight().downloads, 2U);
  shut_down();
  EXPECT_TRUE(told.wait(told.closed));
  tell([](Proxy& proxy) { proxy.cut("drain deadline"); });

  EXPECT_EQ(waiting.response().status(), 504);
  EXPECT_EQ(loading.end(), Peer::End::closed);
  EXPECT_EQ(endless.end(), Peer::End::reset);
  EXPECT_EQ(half.response().status(), 503);
  EXPECT_EQ(silent.end(), Peer::End::closed);
  EXPECT_TRUE(told.wait(told.drains));
  const drain::TrafficReport traffic = this->traffic();
  EXPECT_EQ(traffic.cut, 3U);
  ASSERT_EQ(traffic.cuts.size(), 3U);
  EXPECT_EQ(traffic.cuts[0].method, "GET");
  EXPECT_EQ(traffic.cuts[0].path, "/a");
  EXPECT_EQ(traffic.cuts[0].client, "127.0.0.1");
  EXPECT_EQ(traffic.cuts[0].reason, "drain deadline");
  EXPECT_EQ(traffic.cuts[0].bytes_in, kGet.size());
  EXPECT_GT(traffic.cuts[0].age, 0s);
  EXPECT_GT(traffic.cuts[1].bytes_out, 0U);
}

TEST_F(DrainTest, ListsOnlyTheFirstHundredCuts) {
  start(false);
  constexpr std::size_t kMany = drain::TrafficReport::kMaxCuts + 10;
  std::vector<Peer> clients;
  for (std::size_t i = 0; i < kMany; ++i) {
    clients.push_back(client());
    clients.back().send(kGet);
  }
  EXPECT_TRUE(wait_for(&drain::InFlight::requests, kMany));
  shut_down();
  tell([](Proxy& proxy) { proxy.cut("forced"); });
  for (Peer& client : clients) {
    EXPECT_EQ(client.response().status(), 503);
  }
  EXPECT_EQ(traffic().cut, kMany);
  EXPECT_EQ(traffic().cuts.size(), drain::TrafficReport::kMaxCuts);
}

TEST_F(DrainTest, AnswersWhatComesAfterACut) {
  settings.idle_grace = 5s;
  start();
  auto [idle, idle_app] = idle_connection();
  tell(&Proxy::unready);
  idle.send(kGet);
  tell([](Proxy& proxy) { proxy.cut("forced"); });
  const int status = idle.response().status();
  EXPECT_TRUE(status == 503 || status == 504) << status;
  idle.close();
  EXPECT_TRUE(told.wait(told.closed));
  EXPECT_TRUE(told.wait(told.drains));
  EXPECT_TRUE(told.wait(told.lingers));
}

// A shard may have drained long before another's requests are cut.
TEST_F(DrainTest, CutsNobodyWhoOnlyLingers) {
  start();
  auto [client, app_side] = in_flight_request();
  shut_down();
  app_side.send(kOk);
  EXPECT_TRUE(told.wait(told.drains));
  tell([](Proxy& proxy) { proxy.cut("drain deadline"); });
  EXPECT_EQ(told.get(told.lingers), 0);
  EXPECT_EQ(client.response().body, "hi");
  client.close();
  EXPECT_TRUE(told.wait(told.lingers));
}

TEST_F(DrainTest, RefusesWhatTheAppHasNotSeenOnceItIsGone) {
  start(false);
  Peer held = client();
  held.send(kGet);
  EXPECT_TRUE(wait_for(&drain::InFlight::requests, 1));
  tell(&Proxy::unready);
  tell(&Proxy::app_gone);
  Peer late = client();
  late.send(kGet);
  for (Peer* client : {&held, &late}) {
    const Response response = client->response();
    EXPECT_EQ(response.status(), 503);
    EXPECT_TRUE(response.has("Retry-After: "));
    EXPECT_TRUE(response.closes());
  }
  EXPECT_EQ(traffic().refused, 2U);
}

TEST_F(DrainTest, FinishesWhatTheAppHasSeenWhenItGoes) {
  start();
  auto [client, app_side] = in_flight_request();
  tell(&Proxy::app_gone);
  app_side.send(kOk);
  EXPECT_EQ(client.response().body, "hi");
  EXPECT_EQ(app_side.end(), Peer::End::closed);
}

TEST_F(DrainTest, CountsNothingBeforeTheSignalAndEverythingAfterIt) {
  start();
  auto [failing, failing_app] = in_flight_request();
  failing_app.send(kOk);
  EXPECT_EQ(failing.response().body, "hi");
  failing.send("POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n");
  failing_app.head();
  auto [leaving, leaving_app] = in_flight_request();
  tell(&Proxy::unready);
  EXPECT_EQ(traffic().at_signal.requests, 2U);
  EXPECT_EQ(traffic().finished, 0U);
  failing_app.close();
  EXPECT_EQ(failing.response().status(), 502);
  leaving.reset();
  EXPECT_TRUE(wait_for([&] { return traffic().client_gone == 1; }));
  EXPECT_EQ(traffic().failed, 1U);
  EXPECT_EQ(traffic().finished, 0U);
}

TEST_F(DrainTest, DrainsTwoShardsAsOne) {
  settings.workers = 2;
  settings.idle_grace = 20ms;
  start();
  std::vector<Peer> clients;
  for (int i = 0; i < 50; ++i) {
    clients.push_back(client());
  }
  shut_down();
  for (Peer& client : clients) {
    EXPECT_EQ(client.end(), Peer::End::closed);
    client.close();
  }
  EXPECT_TRUE(told.wait(told.lingers));
  EXPECT_EQ(told.get(told.drains), 1);
  EXPECT_EQ(traffic().idle_closed, 50U);
}

}  // namespace
}  // namespace lastcall::proxy
