// The option table of `lastcall run`; its rows stand in run_options_*.cc.
#include "config/run_options.h"

namespace lastcall::config {
namespace {

constexpr std::string_view kIntroduction =
    R"(lastcall lets an HTTP app stop without losing a request: on SIGTERM it finishes
what it has while the app still runs, and only then passes the signal on.

Usage:
  lastcall run [OPTIONS] -- COMMAND [ARGUMENT...]
  lastcall config [OPTIONS]    print each effective value and its source

Examples:
  # Serve on $PORT, else on :8080; the app finds its own port in $PORT
  lastcall run -- npm start

  # An app that takes its port as an argument
  lastcall run -- gunicorn --bind 127.0.0.1:{port} app:app

  # Over a Unix socket, which costs less than TCP
  lastcall run --upstream unix:/tmp/app.sock -- puma -b unix:///tmp/app.sock

  # Kubernetes, terminationGracePeriodSeconds: 30, probes from outside the pod
  lastcall run --grace 30s --lame-duck 8s --admin :9797 -- ./app

  # Stopped within 20 s, whatever happens
  LASTCALL_GRACE=20s lastcall run -- ./app

  # What would happen when, and why; nothing is started
  lastcall run --dry-run --grace 30s --lame-duck 8s -- ./app

  # In the place of Thruster, with its variables and on its ports
  lastcall run --compat thruster -- bin/rails server
)";

constexpr std::string_view kEnding =
    R"(Every option can be set by an environment variable too: --app-port is LASTCALL_APP_PORT, a switch is set by
on. A flag wins over LASTCALL_*, that wins over
the variables of other tools (Also:), those over the file of --config, that over the defaults of another tool
(--compat), those over the presets of the platform (--platform), these over the default. Of
an option given twice the last counts. D is a duration with its unit: 30s, 1m30s, 1.5s, 250ms. SIZE is 512B, 32KiB, 1MiB.

Exit status: the app's own; 0 if it ended by the signal passed on; 1 if anything was cut or killed; 2 usage;
125 lastcall failed (port taken, app never ready); 126 command not executable; 127 command not found.
)";

constexpr std::string_view kNote =
    R"(A flag wins over its `LASTCALL_*` variable, that over the variables of other tools named in the last column, those
over the [settings file](settings.md), that over the defaults of another tool ([thruster.md](thruster.md)), those over the
presets of the platform ([platforms.md](platforms.md)), these over the default. A variable that is set but empty counts as not set. Durations and sizes carry units: `30s`,
`1m30s`, `1.5s`, `250ms`; `512B`, `32KiB`, `1MiB`. `lastcall config` prints every effective value and where it came from.
)";

}  // namespace

const Table& run_table() {
  static const Group kGroups[] = {address_options(), app_options(),    shutdown_options(),
                                  stream_options(),  signal_options(), request_options(),
                                  buffer_options(),  output_options(), source_options()};
  static const Table kTable = {.command = "run",
                               .introduction = kIntroduction,
                               .ending = kEnding,
                               .source = "src/config/run_options_*.cc",
                               .note = kNote,
                               .example = "lastcall run -- puma -p {port}",
                               .environment = true,
                               .groups = kGroups};
  return kTable;
}

}  // namespace lastcall::config
