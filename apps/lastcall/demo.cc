// `lastcall demo`: an app stopped in three ways under the same load, judged alike, side by side.
#include "check_results.h"
#include "check_runs.h"
#include "commands.h"
#include "demo_app.h"
#include "surroundings.h"
#include "sys/sys.h"
#include "wrapped.h"

namespace lastcall {
namespace {

constexpr double kRate = 300;  // on new connections, and as many on kept ones

constexpr std::string_view kNotes =
    "\n"
    "  bare              The app gets SIGTERM and does what it does, while clients are still sent to it, as\n"
    "                    behind a Kubernetes Service.\n"
    "  app told first    The same proxy as in the last column, but the app gets SIGTERM at once and the "
    "proxy\n"
    "                    goes on until the app has ended: so do wrappers that relay the signal at once, and "
    "so\n"
    "                    does systemd with its default KillMode=control-group.\n"
    "  lastcall run      lastcall gets SIGTERM: it turns its readiness red, goes on serving as long as "
    "clients\n"
    "                    come, closes its listener, drains, and only then tells the app.\n"
    "\n"
    "Your own app: lastcall check --compare -- COMMAND…\n";

/// What is stopped: as it is started, and as it is shown.
struct DemoApp {
  std::vector<std::string> command;
  std::vector<std::string> shown;
  std::string slow_path{};  ///< empty: none is known
};

Result<DemoApp> app_to_stop(std::span<const std::string> words) {
  if (words.empty()) {
    return DemoApp{.command = {own_path(), "demo", "--app"},
                   .shown = {"lastcall", "demo", "--app"},
                   .slow_path = std::string(kDemoSlowPath)};
  }
  if (words.front() != "--" || words.size() == 1) {
    return failure("the demo does not understand '" + words.front() + "'", "lastcall demo [-- COMMAND…]", 2);
  }
  std::vector<std::string> command(words.begin() + 1, words.end());
  return DemoApp{.command = command, .shown = check::redact_command(command)};
}

std::vector<CheckPlan> three_ways(const DemoApp& app) {
  CheckPlan bare{.title = "bare",
                 .profile = *judge::find_profile("kubernetes"),
                 .run = {},
                 .shown_command = app.shown,
                 .redactor = {}};
  bare.run.command = {.argv = app.command, .environment = sys::environment()};
  bare.run.rate = kRate;
  bare.run.slow_path = app.slow_path;
  bare.run.grace = bare.profile.grace;
  const CheckPlan wrapped = under_lastcall(bare);
  CheckPlan told_first = wrapped;
  told_first.title = "app told first";
  told_first.run.signal_below = true;
  return {bare, told_first, wrapped};
}

Result<int> show(const DemoApp& app) {
  const auto verdicts = compare(three_ways(app));
  if (!verdicts) {
    return tl::unexpected(verdicts.error());
  }
  return deliver_results({}, *verdicts, nullptr).map([&verdicts] {
    print(std::string(kNotes));
    return judge::exit_status(verdicts->back().status);
  });
}

Result<int> serve_app() {
  const config::Environment environment = read_environment();
  const auto port = environment.find("PORT");
  const auto address = sys::parse_address("127.0.0.1:" + (port == environment.end() ? "3000" : port->second));
  return address.and_then(serve_demo_app).map([] { return 0; });
}

Result<int> demo(std::span<const std::string> words) {
  if (words.size() == 1 && (words.front() == "--help" || words.front() == "-h")) {
    return print_help("demo");
  }
  if (words.size() == 1 && words.front() == "--app") {
    return serve_app();
  }
  return app_to_stop(words).and_then(show);
}

}  // namespace

int demo_command(std::span<const std::string> words) {
  const auto status = demo(words);
  return status ? *status : complain(status.error());
}

}  // namespace lastcall
