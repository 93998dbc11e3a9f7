#include "check/trial_run.h"

#include <algorithm>
#include <csignal>
#include <unistd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "check/check_run.h"
#include "check/ports.h"

namespace lastcall::check {
namespace {

using judge::Kind;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

/// Answers at once, or after a second on /slow, and takes uploads; on SIGTERM it runs `on_term`.
std::string server(const std::string& on_term) {
  return "import http.server, os, signal, socketserver, sys, threading, time\n"
         "class Handler(http.server.BaseHTTPRequestHandler):\n"
         "  protocol_version = 'HTTP/1.1'\n"
         "  def do_GET(self):\n"
         "    if self.path == '/slow': time.sleep(1)\n"
         "    self.send_response(200 if self.path in ('/', '/slow') else 404)\n"
         "    self.send_header('Content-Length', '2')\n"
         "    self.end_headers()\n"
         "    self.wfile.write(b'ok')\n"
         "  def do_POST(self):\n"
         "    self.rfile.read(int(self.headers['Content-Length']))\n"
         "    self.do_GET()\n"
         "  def log_message(self, *words): pass\n"
         "class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):\n"
         "  daemon_threads = True\n"
         "  request_queue_size = 1000\n"
         "server = Server(('127.0.0.1', int(os.environ['PORT'])), Handler)\n"
         "def on_term(*_):\n"
         "  " +
         on_term +
         "\n"
         "signal.signal(signal.SIGTERM, on_term)\n"
         "print('serving', flush=True)\n"
         "server.serve_forever()\n";
}

Plan plan_for(const std::string& script) {
  Plan plan;
  plan.command = {.argv = {"/usr/bin/python3", "-c", script}, .environment = {"PATH=/usr/bin:/bin"}};
  plan.rate = 50;
  plan.duration = 100ms;
  plan.grace = 5s;
  plan.seed = 7;
  return plan;
}

Result<judge::Trial> run(const Plan& plan, bool repeat = false) {
  TrialRun trial(plan, 1, repeat, [](const Progress&) {});
  return trial.execute();
}

std::size_t flow_of(const judge::Trial& trial, Kind kind) {
  return static_cast<std::size_t>(std::ranges::find(trial.flows, kind, &judge::Flow::kind) -
                                  trial.flows.begin());
}

class TrialRunTest : public testing::Test {
 protected:
  static void SetUpTestSuite() { sys::block_signals(); }

  void TearDown() override { EXPECT_THAT(sys::children(), IsEmpty()) << "something was left running"; }
};

TEST_F(TrialRunTest, SignalsWhileWorkIsInFlightAndWatchesToTheEnd) {
  Plan plan = plan_for(server("os._exit(3)"));
  plan.slow_path = "/slow";
  const auto trial = run(plan);
  ASSERT_TRUE(trial) << trial.error().what << trial.error().fix;
  ASSERT_THAT(trial->signals, SizeIs(1));
  EXPECT_EQ(trial->signals.front().number, SIGTERM);
  EXPECT_EQ(trial->process.exit_status, 3);
  EXPECT_FALSE(trial->process.killed);
  EXPECT_EQ(trial->process.port_held, std::nullopt);
  EXPECT_THAT(trial->process.orphans, IsEmpty());
  const auto slow = static_cast<std::uint32_t>(flow_of(*trial, Kind::slow));
  EXPECT_GT(judge::in_flight(trial->observations, slow, trial->signalled()), 0U);
  EXPECT_GT(trial->load_ended, *trial->process.exited);
  EXPECT_GT(judge::tally(trial->observations, *trial->process.exited)[judge::Outcome::refused], 0U);
}

TEST_F(TrialRunTest, SignalsWhileEvenBriefWorkOfEveryKindIsInFlight) {
  Plan plan = plan_for(server("os._exit(0)"));
  plan.slow_path = "/slow";
  plan.upload_path = "/";
  const auto trial = run(plan);
  ASSERT_TRUE(trial) << trial.error().what;
  for (const Kind kind : {Kind::slow, Kind::upload, Kind::held_upload, Kind::expect_continue}) {
    const auto flow = static_cast<std::uint32_t>(flow_of(*trial, kind));
    EXPECT_GT(judge::in_flight(trial->observations, flow, trial->signalled()), 0U) << to_string(kind);
  }
}

TEST_F(TrialRunTest, KillsAServerThatIgnoresTheSignalOnceItsGraceIsOver) {
  Plan plan = plan_for(server("pass"));
  plan.grace = 500ms;
  const auto trial = run(plan);
  ASSERT_TRUE(trial) << trial.error().what;
  EXPECT_TRUE(trial->process.killed);
  EXPECT_EQ(trial->process.exited, std::nullopt);
  EXPECT_GE(trial->load_ended - trial->signalled(), 500ms);
}

TEST_F(TrialRunTest, FindsOrphansAndTheHeldPort) {
  const auto trial = run(plan_for(server("pid = os.fork(); pid and os._exit(0)")));
  ASSERT_TRUE(trial) << trial.error().what;
  EXPECT_EQ(trial->process.exit_status, 0);
  EXPECT_THAT(trial->process.orphans, ElementsAre("/usr/bin/python3"));
  EXPECT_NE(trial->process.port_held, std::nullopt);
}

TEST_F(TrialRunTest, RepeatsTheSignalWhileSomethingIsInFlight) {
  Plan plan = plan_for(server("hits.append(1); len(hits) == 2 and os._exit(0)\nhits = []"));
  plan.slow_path = "/slow";
  const auto trial = run(plan, true);
  ASSERT_TRUE(trial) << trial.error().what;
  ASSERT_THAT(trial->signals, SizeIs(2));
  const Duration between = trial->signals[1].at - trial->signals[0].at;
  EXPECT_GE(between, 200ms);
  EXPECT_EQ(trial->process.exit_status, 0);
}

TEST_F(TrialRunTest, SaysWhyTheServerNeverAnswered) {
  const auto trial = run(plan_for("print('no database', flush=True); raise SystemExit(9)"));
  ASSERT_FALSE(trial);
  EXPECT_EQ(trial.error().exit_status, 2);
  EXPECT_THAT(trial.error().what, HasSubstr("exit 9"));
  EXPECT_THAT(trial.error().fix, HasSubstr("no database"));
}

TEST_F(TrialRunTest, SaysWhereTheServerListensInstead) {
  Plan plan = plan_for(
      "import socket, time\n"
      "s = socket.create_server(('127.0.0.1', 0))\n"
      "time.sleep(1000)\n");
  plan.start_timeout = 700ms;
  const auto trial = run(plan);
  ASSERT_FALSE(trial);
  EXPECT_EQ(trial.error().exit_status, 2);
  EXPECT_THAT(trial.error().what, HasSubstr("Connection refused"));
  EXPECT_THAT(trial.error().fix, HasSubstr("it listens on 127.0.0.1:"));
}

TEST_F(TrialRunTest, SaysThatThePathIsNotThere) {
  Plan plan = plan_for(server("os._exit(0)"));
  plan.path = "/nowhere?token=hunter2";
  plan.start_timeout = 1s;
  const auto trial = run(plan);
  ASSERT_FALSE(trial);
  EXPECT_THAT(trial.error().what, HasSubstr("GET /nowhere on "));
  EXPECT_THAT(trial.error().what, HasSubstr("status 404"));
}

TEST_F(TrialRunTest, AServerThatEndsBeforeItIsSignalledIsNotJudged) {
  Plan plan =
      plan_for("import threading, os\nthreading.Timer(0.7, lambda: os._exit(4)).start()\n" + server("pass"));
  plan.duration = 10s;
  const auto trial = run(plan);
  ASSERT_FALSE(trial);
  EXPECT_EQ(trial.error().exit_status, 2);
  EXPECT_THAT(trial.error().what, HasSubstr("exit 4"));
}

TEST_F(TrialRunTest, AnInterruptEndsTheServerToo) {
  Plan plan = plan_for(server("pass"));
  plan.duration = 100s;
  TrialRun trial(plan, 1, false, [](const Progress& progress) {
    if (progress.serving) {
      ::kill(::getpid(), SIGINT);
    }
  });
  const auto result = trial.execute();
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().exit_status, 130);
}

TEST_F(TrialRunTest, AServerThatRunsAlreadyIsWatchedAndNeverKilled) {
  net::Loop loop;
  ServerProcess outside(loop);
  const std::uint16_t port = lasting_port();
  ASSERT_TRUE(outside.start(on_port(plan_for(server("pass")).command, port)));
  Plan plan = plan_for("");
  plan.command = {};
  plan.pid = outside.pid();
  plan.target = sys::loopback_ipv4(port);
  plan.grace = 300ms;
  const auto trial = run(plan);
  ASSERT_TRUE(trial) << trial.error().what;
  EXPECT_FALSE(trial->process.ours);
  EXPECT_FALSE(trial->process.killed);
  EXPECT_EQ(trial->process.exited, std::nullopt);
  EXPECT_EQ(sys::signal_process(outside.pid(), 0), 0) << "it still runs";
  outside.end();
  loop.on_batch([&](Time) {
    if (outside.gone()) {
      loop.stop();
    }
    return Time::max();
  });
  loop.run();
}

TEST_F(TrialRunTest, NeverSignalsTheFirstProcessNorItself) {
  for (const pid_t pid : {1, sys::own_pid()}) {
    Plan plan = plan_for("");
    plan.command = {};
    plan.pid = pid;
    const auto trial = run(plan);
    ASSERT_FALSE(trial);
    EXPECT_EQ(trial.error().exit_status, 2);
  }
}

TEST_F(TrialRunTest, OnlyTheLastOfSeveralTrialsRepeatsTheSignal) {
  Plan plan = plan_for(server("threading.Timer(0.7, lambda: os._exit(0)).start()"));
  plan.slow_path = "/slow";
  plan.trials = 2;
  const auto trials = run_check(plan, [](const Progress&) {});
  ASSERT_TRUE(trials) << trials.error().what;
  ASSERT_THAT(*trials, SizeIs(2));
  EXPECT_THAT((*trials)[0].signals, SizeIs(1));
  EXPECT_THAT((*trials)[1].signals, SizeIs(2));
  EXPECT_NE((*trials)[0].seed, (*trials)[1].seed);
}

TEST_F(TrialRunTest, ATrialThatTheLoadClientSpoiledIsRunAgainTwiceAndThenTakenAsItIs) {
  Plan plan = plan_for(server("os._exit(0)"));
  plan.rate = 20'000;
  const auto trials = run_check(plan, [](const Progress&) {});
  ASSERT_TRUE(trials) << trials.error().what;
  ASSERT_THAT(*trials, SizeIs(1));
  EXPECT_TRUE(judge::disturbed(trials->front()));
  EXPECT_EQ(trials->front().spoiled, 2U);
}

TEST_F(TrialRunTest, SaysWhetherLivenessIsAskedOnAPortOfItsOwn) {
  for (const std::uint16_t port : {std::uint16_t{0}, std::uint16_t{1}}) {
    Plan plan = plan_for(server("os._exit(0)"));
    plan.liveness = Place{.target = sys::loopback_ipv4(port), .host = "localhost", .path = "/"};
    const auto trial = run(plan);
    ASSERT_TRUE(trial) << trial.error().what;
    EXPECT_EQ(trial->liveness_apart, port != 0);
    EXPECT_THAT(trial->liveness, Not(IsEmpty()));
  }
}

TEST_F(TrialRunTest, ASignalThatForcesWhenItComesAgainIsNotRepeated) {
  Plan plan = plan_for(
      "import signal\nsignal.signal = lambda _, handler, to=signal.signal: to(signal.SIGINT, handler)\n" +
      server("threading.Timer(0.7, lambda: os._exit(0)).start()"));
  plan.slow_path = "/slow";
  plan.signal = SIGINT;
  plan.trials = 2;
  const auto trials = run_check(plan, [](const Progress&) {});
  ASSERT_TRUE(trials) << trials.error().what;
  EXPECT_THAT(trials->back().signals, SizeIs(1));
}

TEST_F(TrialRunTest, SaysThatAServerMustStayInTheForeground) {
  Plan plan = plan_for("");
  const auto trial = run(plan);
  ASSERT_FALSE(trial);
  EXPECT_THAT(trial.error().what, HasSubstr("exit 0"));
  EXPECT_THAT(trial.error().fix, HasSubstr("foreground"));
}

}  // namespace
}  // namespace lastcall::check
