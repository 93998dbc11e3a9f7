#include "wrapper/exit_status.h"

#include <algorithm>
#include <array>
#include <csignal>

#include "base/signal_name.h"

namespace lastcall::wrapper {
namespace {

constexpr int kSignalBase = 128;
constexpr std::array kStopSignals = {SIGTERM, SIGINT, SIGQUIT, SIGHUP};

/// Whether the app ended as asked. A service manager that signals the whole group asks it before we do.
bool ended_as_asked(const drain::DrainReport& report, int stop_signal) {
  const int status = shell_status(report.app);
  if (status == 0 || (report.app.signalled && status == kSignalBase + stop_signal)) {
    return true;
  }
  return report.app.signalled_by_others && is_stop_signal(status - kSignalBase);
}

}  // namespace

bool is_stop_signal(int signal) {
  return std::ranges::find(kStopSignals, signal) != kStopSignals.end();
}

int shell_status(const drain::AppReport& app) {
  return app.signal ? kSignalBase + *app.signal : app.exit_status.value_or(0);
}

int exit_status(const drain::DrainReport& report, int stop_signal, const std::map<int, int>& remap) {
  const drain::AppReport& app = report.app;
  if (app.killed || report.forced) {
    return 1;
  }
  if (app.exited_by_itself || !ended_as_asked(report, stop_signal)) {
    const int own = shell_status(app);
    const auto mapped = remap.find(own);
    const int status = mapped == remap.end() ? own : mapped->second;
    return status == 0 && !report.clean() ? 1 : status;
  }
  return report.clean() ? 0 : 1;
}

std::string describe_exit(const drain::AppReport& app) {
  if (app.signal) {
    return "died of " + signal_name(*app.signal);
  }
  return "exited with status " + std::to_string(app.exit_status.value_or(0));
}

}  // namespace lastcall::wrapper
