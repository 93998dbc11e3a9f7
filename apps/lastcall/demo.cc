// `lastcall demo`: an app stopped in three ways under the same load, judged alike, side by side.
#include <filesystem>
#include <system_error>

#include <fmt/format.h>

#include "check_results.h"
#include "check_runs.h"
#include "commands.h"
#include "surroundings.h"
#include "sys/sys.h"
#include "wrapped.h"

namespace lastcall {
namespace {

constexpr double kRate = 300;  // on new connections, and as many on kept ones

constexpr std::string_view kHelp =
    "Usage: lastcall demo [-- COMMAND…]\n"
    "\n"
    "Runs an HTTP app three times and stops it in mid-load: on its own, behind a proxy whose app is "
    "signalled\n"
    "first, and under `lastcall run`. Shows what the clients saw, side by side, as `lastcall check "
    "--compare`\n"
    "does. COMMAND is given its port as $PORT, or as {port} in its arguments; without one it is the source\n"
    "tree's examples/slow-stop/app.py, which closes its listener at once on SIGTERM and takes 3 s to exit.\n"
    "\n"
    "Exit status, of the last of the three: 0 every clause passed, 1 a clause failed, 3 inconclusive; 2 the "
    "app\n"
    "could not be started.\n";

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

/// The example app of the source tree in which this binary was built.
Result<std::vector<std::string>> standard_app() {
  std::error_code error;
  const auto binary = std::filesystem::read_symlink("/proc/self/exe", error);
  const auto app = binary.parent_path().parent_path().parent_path() / "examples/slow-stop/app.py";
  if (!std::filesystem::exists(app, error)) {
    return failure("there is no " + app.string(),
                   "name an app that listens on $PORT: lastcall demo -- COMMAND…", 2);
  }
  return std::vector<std::string>{app};
}

Result<std::vector<std::string>> app_command(std::span<const std::string> words) {
  if (words.empty()) {
    return standard_app();
  }
  if (words.front() != "--" || words.size() == 1) {
    return failure("the demo does not understand '" + words.front() + "'", "lastcall demo [-- COMMAND…]", 2);
  }
  return std::vector<std::string>(words.begin() + 1, words.end());
}

std::vector<CheckPlan> three_ways(const std::vector<std::string>& app) {
  CheckPlan bare{.title = "bare",
                 .profile = *judge::find_profile("kubernetes"),
                 .run = {},
                 .shown_command = check::redact_command(app),
                 .redactor = {}};
  bare.run.command = {.argv = app, .environment = sys::environment()};
  bare.run.rate = kRate;
  bare.run.grace = bare.profile.grace;
  const CheckPlan wrapped = under_lastcall(bare);
  CheckPlan told_first = wrapped;
  told_first.title = "app told first";
  told_first.run.signal_below = true;
  return {bare, told_first, wrapped};
}

Result<int> show(const std::vector<std::string>& app) {
  const auto verdicts = compare(three_ways(app));
  if (!verdicts) {
    return tl::unexpected(verdicts.error());
  }
  return deliver_results({}, *verdicts, nullptr).map([&verdicts] {
    print(std::string(kNotes));
    return judge::exit_status(verdicts->back().status);
  });
}

}  // namespace

int demo_command(std::span<const std::string> words) {
  if (!words.empty() && (words.front() == "--help" || words.front() == "-h")) {
    return print(std::string(kHelp));
  }
  const auto status = app_command(words).and_then(show);
  return status ? *status : complain(status.error());
}

}  // namespace lastcall
