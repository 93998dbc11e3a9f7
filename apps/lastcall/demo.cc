// `lastcall demo`: one app, three ways to stop it, the same load: what the clients saw, side by side.
#include <algorithm>
#include <filesystem>
#include <system_error>

#include <fmt/format.h>

#include "commands.h"
#include "demo_run.h"
#include "demo_table.h"
#include "surroundings.h"
#include "sys/sys.h"

namespace lastcall {
namespace {

using demo::Column;
using demo::Order;
using demo::RunPlan;

constexpr std::string_view kHelp =
    "Usage: lastcall demo [-- COMMAND…]\n"
    "\n"
    "Runs an HTTP app three times under the same load and stops it in mid-load: bare, behind a proxy whose "
    "app is\n"
    "signalled first, and under `lastcall run`. Prints what the clients saw, side by side. COMMAND must "
    "listen on\n"
    "127.0.0.1:$PORT; without one it is the source tree's examples/slow-stop/app.py, which closes its "
    "listener at\n"
    "once on SIGTERM and takes 3 s to exit.\n"
    "\n"
    "Exit status: 0 nothing was lost under lastcall, 1 something was, 3 inconclusive.\n";

constexpr std::string_view kNotes =
    "  bare              The app gets SIGTERM and closes its listener, while clients are still being sent to "
    "it.\n"
    "  app told first    The same proxy as in the last column, but the app gets SIGTERM at once and the "
    "proxy goes on\n"
    "                    until the app has ended: so do wrappers that relay the signal at once, and so does "
    "systemd\n"
    "                    with its default KillMode=control-group.\n"
    "  lastcall run      The proxy gets SIGTERM, goes on serving for a lame duck of 3 s, closes its "
    "listener, drains,\n"
    "                    and only then tells the app.\n"
    "\n"
    "  A refusal counts as lost while a balancer would still send requests here, for which 2 s are taken in "
    "all three\n"
    "  columns. Refusals after that are clean: nothing listens any more, no successor was started, and a "
    "client that is\n"
    "  refused knows that nothing was done and goes elsewhere.\n";

std::string own_path() {
  std::error_code error;
  return std::filesystem::read_symlink("/proc/self/exe", error);
}

/// The example app of the source tree in which this binary was built.
Result<std::vector<std::string>> standard_app() {
  const auto tree = std::filesystem::path(own_path()).parent_path().parent_path().parent_path();
  const auto app = tree / "examples/slow-stop/app.py";
  std::error_code error;
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

std::vector<std::string> under_lastcall(const std::vector<std::string>& app, std::uint16_t port) {
  std::vector<std::string> argv = {own_path(),     "run",  "--listen",    fmt::format("127.0.0.1:{}", port),
                                   "--admin",      "off",  "--lame-duck", "3s",
                                   "--log-format", "text", "--"};
  argv.insert(argv.end(), app.begin(), app.end());
  return argv;
}

std::vector<RunPlan> plans(const std::vector<std::string>& app) {
  std::vector<RunPlan> all;
  const auto add = [&](std::string title, Order order, bool wrapped) {
    RunPlan& plan = all.emplace_back();
    plan.title = std::move(title);
    plan.order = order;
    plan.port = check::free_port();
    plan.command = {.argv = wrapped ? under_lastcall(app, plan.port) : app,
                    .environment = sys::environment()};
    if (!wrapped) {
      plan.command = check::on_port(std::move(plan.command), plan.port);
    }
  };
  add("bare", Order::service, false);
  add("app told first", Order::app, true);
  add("lastcall run", Order::service, true);
  return all;
}

/// Lines of at most `columns`, broken at spaces, continuations indented.
std::string wrap(const std::string& text, std::size_t columns) {
  std::string wrapped;
  std::size_t column = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const std::size_t word = std::min(text.find_first_of(" \n", at + 1), text.size()) - at;
    if (text[at] == ' ' && column + word > columns) {
      wrapped += "\n     ";
      column = 5;
    }
    wrapped += text[at];
    column = text[at] == '\n' ? 0 : column + 1;
  }
  return wrapped;
}

/// One live line on a terminal, else one line a run.
class Progress {
 public:
  void begin(const std::string& title) {
    title_ = title;
    if (!live_) {
      sys::write_all(2, "  " + title_ + " …\n");
    }
  }

  void show(const std::string& line) const {
    if (live_) {
      sys::write_all(2, fmt::format("\r\033[K  {}: {}", title_, line));
    }
  }

  void end() const {
    if (live_) {
      sys::write_all(2, "\r\033[K");
    }
  }

 private:
  bool live_ = sys::is_terminal(2);
  std::string title_;
};

Result<std::vector<Column>> run_all(const std::vector<RunPlan>& plans) {
  Progress progress;
  std::vector<Column> columns;
  for (const RunPlan& plan : plans) {
    progress.begin(plan.title);
    demo::Run run(plan, [&](const std::string& line) { progress.show(line); });
    auto result = run.execute();
    progress.end();
    if (!result) {
      return Failure(result.error());
    }
    columns.push_back({.title = plan.title, .result = *result});
  }
  return columns;
}

}  // namespace

int demo_command(std::span<const std::string> words) {
  if (!words.empty() && (words.front() == "--help" || words.front() == "-h")) {
    return print(std::string(kHelp));
  }
  const auto app = app_command(words);
  if (!app) {
    return complain(app.error());
  }
  sys::raise_file_limit();
  print(
      fmt::format("`{}`, three times, under {:.0f} requests/s (half on new connections, half keep-alive):\n",
                  fmt::join(*app, " "), demo::kRate));
  const auto columns = run_all(plans(*app));
  if (!columns) {
    return complain(columns.error());
  }
  const demo::Verdict verdict = demo::judge(*columns);
  print("\nWhat the clients saw from SIGTERM on:\n\n" + demo::table(*columns) + "\n" + std::string(kNotes) +
        "\nWhat lastcall says of the last run:\n\n" + wrap(columns->back().result.output, 110) + "\n" +
        verdict.text + "\n");
  return verdict.exit_status;
}

}  // namespace lastcall
