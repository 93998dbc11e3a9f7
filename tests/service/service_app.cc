// A service for service_test.py: what it does is named on its command line. It prints a line when it has come
// so far, and then does what the test is about.
#include <sys/wait.h>

#include <cerrno>
#include <csignal>
#include <functional>
#include <iostream>
#include <latch>
#include <map>
#include <string>
#include <unistd.h>

#include "lastcall/lastcall.h"

namespace {

using namespace std::chrono_literals;
using lastcall::Coordinator;

void hang() {
  std::latch(1).wait();
}

void say(const char* what) {
  std::cout << what << std::endl;
}

void await_line() {
  std::string line;
  std::getline(std::cin, line);
}

int serve(Coordinator& coordinator) {
  coordinator.started();
  say("up");
  const lastcall::DrainReport report = coordinator.run();
  std::cout << report.to_json() << std::flush;
  return lastcall::finish(report);
}

int serve_silently(Coordinator& coordinator) {
  coordinator.started();
  say("up");
  return lastcall::finish(coordinator.run());
}

int start_slowly(Coordinator& coordinator) {
  say("starting");
  await_line();
  if (!coordinator.add_step({.name = "db"}, [] {})) {
    return 3;
  }
  return serve(coordinator);
}

int hang_in_start(Coordinator&) {
  say("starting");
  hang();
  return 0;
}

int hang_in_step(Coordinator& coordinator) {
  static_cast<void>(coordinator.add_step({.name = "db"}, [] {
    say("stepping");
    hang();
  }));
  return serve(coordinator);
}

int hang_after_run(Coordinator& coordinator) {
  static_cast<void>(serve(coordinator));
  hang();
  return 0;
}

int long_step(Coordinator& coordinator) {
  static_cast<void>(coordinator.add_step({.name = "db"}, [](const lastcall::StepContext& context) {
    say("stepping");
    std::latch told(1);
    const std::stop_callback stop(context.token(), [&] { told.count_down(); });
    told.wait();
  }));
  return serve(coordinator);
}

int throwing_step(Coordinator& coordinator) {
  static_cast<void>(coordinator.add_step({.name = "db"}, [] { throw 7; }));
  return serve(coordinator);
}

/// A child made by fork() alone gets SIGTERM: it dies of it, and we go on.
int fork_only(Coordinator& coordinator) {
  const pid_t child = ::fork();
  if (child == 0) {
    while (true) {
      ::pause();
    }
  }
  ::kill(child, SIGTERM);
  int status = 0;
  ::waitpid(child, &status, 0);
  if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGTERM || coordinator.is_shutting_down()) {
    return 4;
  }
  return serve(coordinator);
}

int broken_pipe(Coordinator& coordinator) {
  int ends[2];
  if (::pipe(ends) != 0) {
    return 5;
  }
  ::close(ends[0]);
  if (::write(ends[1], "x", 1) != -1 || errno != EPIPE) {
    return 6;
  }
  return serve(coordinator);
}

int second_coordinator(Coordinator& coordinator) {
  if (const auto second = Coordinator::create(); second || second.error().exit_status != 2) {
    return 7;
  }
  return serve(coordinator);
}

const std::map<std::string, std::function<int(Coordinator&)>> kServices = {
    {"serve", serve},
    {"start-slowly", start_slowly},
    {"hang-in-start", hang_in_start},
    {"hang-in-start-with-much-time", hang_in_start},
    {"hang-in-step", hang_in_step},
    {"hang-after-run", hang_after_run},
    {"long-step", long_step},
    {"throwing-step", throwing_step},
    {"fork-only", fork_only},
    {"broken-pipe", broken_pipe},
    {"second-coordinator", second_coordinator},
    {"main-without-signals", serve},
    {"end-slowly", serve_silently},
};

}  // namespace

int main(int argc, char** argv) {
  const std::string service = argc > 1 ? argv[1] : "";
  if (service == "main-without-signals") {
    sigset_t all;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_BLOCK, &all, nullptr);
  }
  // Where the watchdog is what is tested: drain deadline 200 ms after the signal, watchdog at 550 ms. Else
  // nothing depends on the speed of the machine.
  const bool in_a_hurry = service == "hang-in-start" || service == "hang-after-run";
  auto coordinator =
      in_a_hurry ? Coordinator::create({.grace = 600ms, .drain = 200ms, .cleanup = 200ms, .reserve = 200ms})
                 : Coordinator::create({.grace = 60s});
  if (!coordinator) {
    std::cerr << coordinator.error().what << '\n';
    return coordinator.error().exit_status;
  }
  const int status = kServices.at(service)(*coordinator);
  if (service == "end-slowly") {
    coordinator = lastcall::failure("it has gone");
    say("gone");
    await_line();
  }
  return status;
}
