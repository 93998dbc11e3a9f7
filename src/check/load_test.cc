#include "check/load.h"

#include <sys/resource.h>

#include <cerrno>
#include <memory>
#include <string>
#include <unistd.h>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "check/probe.h"

namespace lastcall::check {
namespace {

using judge::Kind;
using judge::Observation;
using judge::Outcome;

using testing::AllOf;
using testing::Each;
using testing::Field;
using testing::SizeIs;

constexpr std::string_view kOk = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

/// A server that does to every connection what its script says, on the loop of the test.
class Server final : public net::Handler {
 public:
  enum class End { keep, fin, rst };

  struct Script {
    std::string_view reply = {};  ///< to each request
    End end = End::keep;
    bool at_once = false;           ///< ends before it has read anything
    std::size_t request_bytes = 0;  ///< 0: a request is whole at its empty line
  };

  Server(net::Loop& loop, Script script) : loop_(loop), script_(script) {
    listener_.reset(sys::listen_on(*sys::parse_address("127.0.0.1:0"), 64));
    loop_.watch(listener_.get(), sys::kReadable, *this);
  }

  [[nodiscard]] sys::Address address() const { return sys::local_address(listener_.get()); }

  void stop_listening() { listener_.reset(); }

  [[nodiscard]] std::size_t accepted() const { return peers_.size(); }

  [[nodiscard]] std::size_t received() const { return received_; }

  void on_events(std::uint32_t) override {
    const int fd = sys::accept(listener_.get(), nullptr);
    ASSERT_GE(fd, 0);
    Peer& peer = *peers_.emplace_back(std::make_unique<Peer>(*this, fd));
    if (script_.at_once) {
      peer.finish();
    } else {
      loop_.watch(fd, sys::kReadable, peer);
    }
  }

 private:
  struct Peer final : net::Handler {
    Peer(Server& owner, int descriptor) : server(owner), fd(descriptor) {}

    void on_events(std::uint32_t) override {
      char bytes[4096];
      const ssize_t got = sys::receive(fd.get(), bytes);
      if (got <= 0) {
        fd.reset();
        return;
      }
      request.append(bytes, static_cast<std::size_t>(got));
      server.received_ += static_cast<std::size_t>(got);
      const Script& script = server.script_;
      const bool whole = script.request_bytes > 0 ? request.size() >= script.request_bytes
                                                  : request.find("\r\n\r\n") != std::string::npos;
      if (!whole) {
        return;
      }
      request.clear();
      ASSERT_EQ(sys::send(fd.get(), script.reply, false), static_cast<ssize_t>(script.reply.size()));
      if (script.end != End::keep) {
        finish();
      }
    }

    void finish() {
      if (fd && server.script_.end == End::rst) {
        sys::reset_on_close(fd.get());
      }
      fd.reset();
    }

    Server& server;
    sys::UniqueFd fd;
    std::string request;
  };

  net::Loop& loop_;
  Script script_;
  sys::UniqueFd listener_;
  std::vector<std::unique_ptr<Peer>> peers_;
  std::size_t received_ = 0;
};

/// A load of one flow on a server.
class Rig {
 public:
  Rig(const Server::Script& script, Flow flow)
      : server(loop, script), load({.target = server.address(), .flows = {std::move(flow)}}, loop) {}

  /// Runs until so much has been seen; fails after 10 s.
  template <class Condition>
  void run_until(Condition condition) {
    const Time give_up = sys::now() + 10s;
    load.start(sys::now());
    loop.on_batch([&](Time) {
      const Time now = sys::now();
      const Time next = load.tick(now);
      if (condition() || now >= give_up) {
        loop.stop();
      }
      return std::min(next, give_up);
    });
    loop.run();
    EXPECT_TRUE(condition());
  }

  void run_until_ended(std::size_t attempts) {
    run_until([&] { return load.observations().size() >= attempts; });
  }

  net::Loop loop;
  Server server;
  Load load;
};

Outcome outcome_of(const Server::Script& script, Flow flow = {}) {
  Rig rig(script, std::move(flow));
  rig.run_until_ended(1);
  return rig.load.observations().front().outcome;
}

TEST(Load, AWholeResponseIsOk) {
  EXPECT_EQ(outcome_of({.reply = kOk}), Outcome::ok);
}

TEST(Load, ARefusedConnectIsARefusal) {
  Rig rig({}, {});
  rig.server.stop_listening();
  rig.run_until_ended(1);
  EXPECT_EQ(rig.load.observations().front().outcome, Outcome::refused);
}

TEST(Load, AResetAfterConnectIsAReset) {
  EXPECT_EQ(outcome_of({.end = Server::End::rst, .at_once = true}), Outcome::reset);
}

TEST(Load, AResetAfterTheRequestIsAReset) {
  EXPECT_EQ(outcome_of({.end = Server::End::rst}), Outcome::reset);
}

TEST(Load, ACloseWithoutAByteIsEof) {
  EXPECT_EQ(outcome_of({.end = Server::End::fin}), Outcome::eof);
}

TEST(Load, ABodyCutShortIsTruncatedHoweverItIsFramed) {
  constexpr std::string_view kLength = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok";
  constexpr std::string_view kChunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n";
  constexpr std::string_view kHead = "HTTP/1.1 200 OK\r\nContent-";
  for (const std::string_view reply : {kLength, kChunked, kHead}) {
    EXPECT_EQ(outcome_of({.reply = reply, .end = Server::End::fin}), Outcome::truncated) << reply;
    EXPECT_EQ(outcome_of({.reply = reply, .end = Server::End::rst}), Outcome::truncated) << reply;
  }
}

TEST(Load, ABodyThatEndsWithTheConnectionIsOkIfItsSizeIsRight) {
  constexpr std::string_view kReply = "HTTP/1.1 200 OK\r\n\r\nok";
  EXPECT_EQ(outcome_of({.reply = kReply, .end = Server::End::fin}), Outcome::ok);
  EXPECT_EQ(outcome_of({.reply = kReply, .end = Server::End::fin}, {.expected_bytes = 3}), Outcome::wrong);
}

TEST(Load, StatusesFrom500AreServerErrorsAndFrom400Wrong) {
  EXPECT_EQ(outcome_of({.reply = "HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n"}), Outcome::server_error);
  EXPECT_EQ(outcome_of({.reply = "HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n"}), Outcome::wrong);
}

TEST(Load, AMalformedResponseIsWrong) {
  EXPECT_EQ(outcome_of({.reply = "it is not HTTP\r\n\r\n"}), Outcome::wrong);
  EXPECT_EQ(outcome_of({.reply = "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nok"}), Outcome::wrong);
}

TEST(Load, NoResponseInTimeIsATimeout) {
  EXPECT_EQ(outcome_of({}, {.timeout = 20ms}), Outcome::timeout);
}

TEST(Load, InterimResponsesArePassedOver) {
  const std::string reply = "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + std::string(kOk);
  EXPECT_EQ(outcome_of({.reply = reply}), Outcome::ok);
}

TEST(Load, KeepAliveClientsUseTheirConnectionAgain) {
  Rig rig({.reply = kOk}, {.kind = Kind::keep_alive, .clients = 2});
  rig.run_until_ended(20);
  EXPECT_THAT(rig.load.observations(), Each(Field(&Observation::outcome, Outcome::ok)));
  EXPECT_EQ(rig.server.accepted(), 2);
  EXPECT_TRUE(rig.load.observations().back().reused);
}

TEST(Load, AKeepAliveConnectionClosedBetweenRequestsIsDialledAnewAndNothingIsLost) {
  Rig rig({.reply = kOk, .end = Server::End::fin}, {.kind = Kind::keep_alive, .rate = 200});
  rig.run_until_ended(5);
  EXPECT_THAT(rig.load.observations(), Each(Field(&Observation::outcome, Outcome::ok)));
  EXPECT_EQ(rig.server.accepted(), 5);
}

TEST(Load, AKeepAliveConnectionEndedBetweenRequestsIsADeparture) {
  for (const auto& [end, error] : {std::pair(Server::End::fin, 0), std::pair(Server::End::rst, ECONNRESET)}) {
    Rig rig({.reply = kOk, .end = end}, {.kind = Kind::keep_alive, .rate = 200});
    rig.run_until([&] { return rig.load.departures().size() >= 2; });
    const judge::Departure& seen = rig.load.departures().front();
    EXPECT_EQ(seen.error, error);
    EXPECT_EQ(seen.answered, 1);
    EXPECT_EQ(seen.last_used, rig.load.observations().front().ended);
    EXPECT_THAT(rig.load.observations(), Each(Field(&Observation::outcome, Outcome::ok)));
  }
}

TEST(Load, ARestingClientIsWellIfClosedInGoodOrderAndResetIfNot) {
  using End = Server::End;
  EXPECT_EQ(outcome_of({.reply = kOk, .end = End::fin}, {.kind = Kind::idle}), Outcome::ok);
  EXPECT_EQ(outcome_of({.reply = kOk, .end = End::rst}, {.kind = Kind::idle}), Outcome::reset);
  EXPECT_EQ(outcome_of({.end = End::fin, .at_once = true}, {.kind = Kind::silent}), Outcome::ok);
  EXPECT_EQ(outcome_of({.end = End::rst, .at_once = true}, {.kind = Kind::silent}), Outcome::reset);
}

TEST(Load, StopLetsRestingClientsGo) {
  Rig rig({.reply = kOk}, {.kind = Kind::idle, .clients = 3});
  rig.run_until([&] { return rig.server.accepted() == 3 && rig.load.under_way() == 0; });
  EXPECT_THAT(rig.load.observations(), SizeIs(0));
  rig.load.stop();
  EXPECT_THAT(rig.load.observations(), AllOf(SizeIs(3), Each(Field(&Observation::outcome, Outcome::ok))));
}

TEST(Load, APacedUploadTakesItsTimeAndArrivesWhole) {
  Rig rig({.reply = kOk, .request_bytes = 5000},
          {.upload_bytes = 5000, .upload = {.bytes = 1000, .every = 5ms}});
  rig.run_until_ended(1);
  const judge::Observation& seen = rig.load.observations().front();
  EXPECT_EQ(seen.outcome, Outcome::ok);
  EXPECT_GE(seen.sent, 5000);
  EXPECT_GE(seen.ended - seen.started, 20ms);
}

TEST(Load, APacedDownloadTakesItsTime) {
  const std::string reply = "HTTP/1.1 200 OK\r\nContent-Length: 50000\r\n\r\n" + std::string(50000, 'x');
  Rig rig({.reply = reply}, {.download = {.bytes = 10000, .every = 5ms}, .expected_bytes = 50000});
  rig.run_until_ended(1);
  const judge::Observation& seen = rig.load.observations().front();
  EXPECT_EQ(seen.outcome, Outcome::ok);
  EXPECT_GE(seen.ended - seen.started, 20ms);
}

TEST(Load, AnAnswerBeforeTheEndOfAnUploadCounts) {
  constexpr std::string_view kBusy = "HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n";
  const Flow flow{.upload_bytes = 5000, .upload = {.bytes = 10, .every = 1h}};
  EXPECT_EQ(outcome_of({.reply = kBusy, .end = Server::End::fin}, flow), Outcome::server_error);
}

TEST(Load, AnOpenLoopKeepsItsInstantsAndAdmitsItsLateness) {
  Rig rig({}, {.clients = 5, .rate = 1000, .timeout = 30ms});
  rig.run_until_ended(10);
  EXPECT_THAT(rig.load.observations(), Each(Field(&Observation::outcome, Outcome::timeout)));
  EXPECT_GE(lag(rig.load.observations()).max, 10ms) << "every client waited, so the next ones began late";
}

TEST(Load, ABurstIsDueAllAtOnceAndComesEvenly) {
  Rig rig({.reply = kOk}, {.kind = Kind::keep_alive, .clients = 4, .rate = 200, .burst = 4});
  rig.run_until_ended(12);
  const auto& seen = rig.load.observations();
  for (std::size_t first = 0; first < 12; first += 4) {
    EXPECT_EQ(seen[first].intended, seen[first + 3].intended);
  }
  EXPECT_GE(seen[4].intended - seen[0].intended, 19ms);
  EXPECT_LE(seen[4].intended - seen[0].intended, 21ms);
}

TEST(Load, ThatBeginsWhatIsDueFarTooLateSaysThatItIsTheBottleneck) {
  Rig late({}, {.clients = 2, .rate = 200, .timeout = 200ms});
  late.run_until([&] { return late.load.saturated(); });
  Rig punctual({.reply = kOk}, {.kind = Kind::idle, .clients = 2});
  punctual.run_until([&] { return punctual.server.accepted() == 2; });
  EXPECT_FALSE(punctual.load.saturated());
}

TEST(Load, ThatIsOutOfDescriptorsSaysThatItIsTheBottleneck) {
  Rig rig({.reply = kOk, .end = Server::End::fin}, {.clients = 10, .rate = 200});
  rlimit usual{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &usual), 0);
  const sys::UniqueFd next_free(::dup(0));
  const rlimit exhausted{.rlim_cur = static_cast<rlim_t>(next_free.get()), .rlim_max = usual.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &exhausted), 0);
  rig.run_until([&] { return rig.load.saturated(); });
  ::setrlimit(RLIMIT_NOFILE, &usual);
  EXPECT_THAT(rig.load.observations(), Each(Field(&Observation::outcome, Outcome::unsent)));
}

TEST(Load, RecordsWhatItAbandons) {
  Rig rig({}, {.kind = Kind::slow, .clients = 3});
  rig.run_until([&] { return rig.load.under_way() == 3; });
  rig.load.stop();
  rig.load.abandon();
  EXPECT_EQ(rig.load.under_way(), 0);
  EXPECT_THAT(rig.load.observations(),
              AllOf(SizeIs(3), Each(Field(&Observation::outcome, Outcome::timeout))));
}

TEST(Load, AConnectionThatRestsAndEndsIsReplacedUntilTheSignal) {
  Rig rig({.reply = kOk, .end = Server::End::fin}, {.kind = Kind::idle});
  rig.run_until([&] {
    if (rig.server.accepted() == 3) {
      rig.load.note_signal();
    }
    return rig.load.observations().size() == 3;
  });
  EXPECT_EQ(rig.load.state(0).good, 3);
  EXPECT_EQ(rig.load.state(0).in_flight, 0);
  EXPECT_EQ(rig.load.departures().size(), 3);
  EXPECT_EQ(rig.load.tick(sys::now()), Time::max()) << "nothing more is to be done";
}

TEST(Load, KnowsWhatIsInFlightNow) {
  Rig slow({}, {.kind = Kind::slow, .clients = 3});
  slow.run_until([&] { return slow.server.received() > 0 && slow.server.accepted() == 3; });
  EXPECT_EQ(slow.load.state(0).in_flight, 3);
  EXPECT_EQ(slow.load.state(0).good, 0);
  Rig resting({.reply = kOk}, {.kind = Kind::idle, .clients = 3});
  resting.run_until([&] { return resting.load.state(0).in_flight == 3; });
  EXPECT_EQ(resting.load.state(0).good, 3);
}

TEST(Prober, AsksAgainAndAgainAndRecordsEachAnswer) {
  net::Loop loop;
  Server server(loop, {.reply = "HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n"});
  Prober prober({.target = server.address(), .path = "/ready", .every = 5ms}, loop);
  prober.start(sys::now());
  loop.on_batch([&](Time) {
    const Time next = prober.tick(sys::now());
    if (prober.probes().size() == 10) {
      loop.stop();
    }
    return next;
  });
  loop.run();
  const std::vector<judge::Probe> probes = prober.probes();
  EXPECT_THAT(probes, Each(AllOf(Field(&judge::Probe::status, 503), Field(&judge::Probe::error, 0))));
  EXPECT_LT(probes.front().asked, probes.back().asked);
  EXPECT_EQ(prober.latest()->status, 503);
}

TEST(Prober, SaysWhyThereIsNoAnswer) {
  net::Loop loop;
  Server server(loop, {});
  Prober silent({.target = server.address(), .path = "/", .every = 5ms, .timeout = 10ms}, loop);
  silent.start(sys::now());
  loop.on_batch([&](Time) {
    const Time next = silent.tick(sys::now());
    if (silent.latest()) {
      loop.stop();
    }
    return next;
  });
  loop.run();
  EXPECT_EQ(silent.latest()->status, 0);
  EXPECT_EQ(silent.latest()->error, ETIMEDOUT);
}

}  // namespace
}  // namespace lastcall::check
