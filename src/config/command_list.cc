#include "config/command_list.h"

namespace lastcall::config {
namespace {

constexpr Flag kControl = {"--control", "PATH",
                           "The socket of the one that is meant, if several run (LASTCALL_CONTROL)."};

constexpr Flag kStatusFlags[] = {
    {.name = "--json", .help = "The same as JSON, each exchange by itself, the 1000 oldest."}, kControl};

constexpr Flag kDrainFlags[] = {
    {.name = "--wait",
     .help = "Return once nothing is in flight and no request has come for 2 s: the balancer has noticed."},
    {.name = "--undo", .help = "Take it back: ready again."},
    kControl};

constexpr Flag kReportFlags[] = {
    {.name = "--html",
     .value = "[OUT]",
     .help = "Draw it as one self-contained HTML page instead, into OUT, or on standard output."}};

constexpr std::string_view kAboutStatus =
    R"(Tells what a running `lastcall run` has in flight: by route, without query strings, who waits for what, for how long,
and how many bytes went; and during a shutdown the time left.)";

constexpr std::string_view kAboutDrain =
    R"(Takes a running `lastcall run` out of its balancer's rotation, without stopping anything: readiness and health paths
answer 503, and answers carry Connection: close from the lame duck's minimum on. The listener stays open, whoever
still comes is served, and the app hears nothing. A SIGTERM after it shuts down as ever.)";

constexpr std::string_view kAboutConfig =
    R"(Prints every setting that `lastcall run` would use with the same options, in the same environment: its value, and the
flag, the variable or the line of the file that it came from. Nothing is started.

The options are those of run: lastcall help run.)";

constexpr Flag kDemoFlags[] = {
    {.name = "--app", .help = "Run that app and nothing else, on 127.0.0.1:$PORT (3000)."}};

constexpr std::string_view kAboutDemo =
    R"(Runs an HTTP app three times and stops it in mid-load: on its own, behind a proxy whose app is signalled first, and
under `lastcall run`. Shows what the clients saw, side by side, as `lastcall check --compare` does. COMMAND is given its
port as $PORT, or as {port} in its arguments. Without one it is lastcall's own app, which closes its listener at once on
SIGTERM and takes 3 s to exit.)";

constexpr std::string_view kAboutExplain =
    R"(Says of a clause of the drain contract what it promises, why it is broken so often, what users suffer then, and how to
mend it in Node, Go, Python, Java, C++ and Kubernetes. Without an id: all clauses.)";

constexpr std::string_view kAboutReport =
    R"(Tells what the drain report in FILE says, as `lastcall run --report FILE` wrote it, or Kubernetes kept it as the
termination message. FILE - is standard input.)";

constexpr std::string_view kAboutCompletion =
    R"(Prints a script that completes lastcall's commands and options. To have it in every shell, add a line

  source <(lastcall completion bash)       to ~/.bashrc
  source <(lastcall completion zsh)        to ~/.zshrc, after compinit
  lastcall completion fish | source        to ~/.config/fish/config.fish)";

}  // namespace

std::span<const Command> commands() {
  static const Table* const kRun[] = {&run_table()};
  static const Table* const kCheck[] = {&check_table()};
  static const Table* const kManifest[] = {&manifest_table(), &run_table()};
  static const Command kCommands[] = {
      {.name = "run", .summary = "wrap an HTTP app", .tables = kRun},
      {.name = "status",
       .summary = "what a running one has in flight",
       .flags = kStatusFlags,
       .usage = "[--json] [--control PATH]",
       .about = kAboutStatus,
       .status = "0 told; 2 usage, or several run; 125 none answers."},
      {.name = "drain",
       .summary = "out of rotation, and back",
       .flags = kDrainFlags,
       .usage = "[--undo] [--wait] [--control PATH]",
       .about = kAboutDrain,
       .status = "0 done; 1 a shutdown is under way, which cannot be taken back, or one came while it waited "
                 "that was "
                 "unclean or a kill; 2 usage, or several run; 125 none answers; 130 interrupted while "
                 "waiting: it stays out of the rotation."},
      {.name = "config",
       .summary = "every effective setting and its source",
       .tables = kRun,
       .usage = "[OPTIONS]",
       .about = kAboutConfig,
       .status = "0, or 2 for settings that run would refuse."},
      {.name = "check", .summary = "prove whether a server shuts down gracefully", .tables = kCheck},
      {.name = "demo",
       .summary = "what clients see when an app stops",
       .flags = kDemoFlags,
       .usage = "[--app] [-- COMMAND [ARGUMENT...]]",
       .about = kAboutDemo,
       .status = "of the last of the three: 0 every clause passed, 1 a clause failed, 3 inconclusive; 2 the "
                 "app could not "
                 "be started."},
      {.name = "explain",
       .summary = "the clauses of the drain contract",
       .usage = "[LCID]",
       .about = kAboutExplain,
       .status = "0, or 2 if there is no such clause."},
      {.name = "report",
       .summary = "a drain report, told or drawn",
       .flags = kReportFlags,
       .usage = "FILE [--html [OUT]]",
       .about = kAboutReport,
       .status = "0 told, whatever the report says; 2 FILE is no drain report."},
      {.name = "manifest",
       .summary = "what a platform is given to run an app",
       .tables = kManifest,
       .operands = "kubernetes systemd docker"},
      {.name = "completion",
       .summary = "a script for bash, zsh or fish",
       .operands = "bash zsh fish",
       .usage = "bash|zsh|fish",
       .about = kAboutCompletion,
       .status = "0, or 2 for another shell."},
      {.name = "help", .summary = "what a command does"},
  };
  return kCommands;
}

}  // namespace lastcall::config
