#include "config/options.h"

#include "base/assert.h"
#include "config/setters.h"

namespace lastcall::config {
namespace {

using C = RunConfig;

constexpr std::uint64_t kMostBuffered = 1ULL << 30U;

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

constexpr Alias kListenAliases[] = {
    {.name = "PORT", .unit = "a port", .before = ":"},
    {.name = "HTTP_PORT", .of = Compat::thruster, .standard = ":80", .unit = "a port", .before = ":"}};
constexpr Alias kAppPortAliases[] = {{.name = "TARGET_PORT", .of = Compat::thruster, .standard = "3000"}};
constexpr Alias kGraceAliases[] = {
    {.name = "GRACEFUL_SHUTDOWN_TIMEOUT_MS", .unit = "milliseconds", .after = "ms"}};
constexpr Alias kDrainAliases[] = {{.name = "HTTP_DRAIN_TIMEOUT", .unit = "seconds", .after = "s"}};
constexpr Alias kIdleAliases[] = {{.name = "HTTP_IDLE_TIMEOUT",
                                   .of = Compat::thruster,
                                   .standard = "60s",
                                   .unit = "seconds",
                                   .after = "s"}};
constexpr Alias kHeaderAliases[] = {{.name = "HTTP_READ_TIMEOUT",
                                     .of = Compat::thruster,
                                     .standard = "30s",
                                     .unit = "seconds",
                                     .after = "s"}};
constexpr Alias kBodyAliases[] = {
    {.name = "MAX_REQUEST_BODY", .of = Compat::thruster, .standard = "0", .unit = "bytes", .after = "B"}};
constexpr Alias kForwardAliases[] = {{.name = "FORWARD_HEADERS",
                                      .of = Compat::thruster,
                                      .standard = "on",
                                      .when_true = "on",
                                      .when_false = "off"}};
constexpr Alias kAccessAliases[] = {{.name = "LOG_REQUESTS",
                                     .of = Compat::thruster,
                                     .standard = "on",
                                     .when_true = "on",
                                     .when_false = "off"}};
constexpr Alias kPageAliases[] = {{.name = "BAD_GATEWAY_PAGE", .of = Compat::thruster, .before = "502="}};
constexpr Alias kLevelAliases[] = {{.name = "DEBUG",
                                    .of = Compat::thruster,
                                    .standard = "info",
                                    .when_true = "debug",
                                    .when_false = "info"}};

constexpr Option kAddresses[] = {
    {.flag = "listen",
     .value = "ADDR",
     .standard = ":8080",
     .help = "Where clients connect: HOST:PORT, :PORT (every address, IPv4 and IPv6) or unix:PATH.",
     .set = set_text<&C::listen>,
     .aliases = kListenAliases},
    {.flag = "admin",
     .value = "ADDR",
     .standard = "127.0.0.1:9797",
     .help = "Where probes, /metrics and /status are served until the very end, or off; :9797 where a "
             "platform probes "
             "from outside. If the default is taken, a free port is used instead.",
     .set = set_admin,
     .words = "off"},
    {.flag = "control",
     .value = "PATH",
     .standard = "auto",
     .help =
         "Where `lastcall status` and `lastcall drain` reach this process: a Unix socket that only its own "
         "user can open, or off. auto: PID.sock in $XDG_RUNTIME_DIR/lastcall, else in /run/lastcall, else in "
         "/tmp/lastcall-UID.",
     .set = set_control},
    {.flag = "upstream",
     .value = "ADDR",
     .otherwise = "127.0.0.1 at the app's port",
     .help = "Where the app listens: HOST:PORT or unix:PATH.",
     .set = set_text<&C::upstream>},
    {.flag = "app-port",
     .value = "N",
     .standard = "auto",
     .help =
         "The app's port; auto finds a free one. The app gets it as $PORT and as {port} in its arguments.",
     .set = set_app_port,
     .aliases = kAppPortAliases,
     .words = "auto"},
    {.flag = "workers",
     .value = "N",
     .standard = "0",
     .help = "Threads that carry requests; 0 starts one for each core.",
     .set = set_count<&C::workers, 0, 256>},
};

constexpr Option kApp[] = {
    {.flag = "ready-check",
     .value = "HOW",
     .standard = "tcp",
     .help = "When the app is ready: tcp, once it accepts connections; a path such as /up, once it answers "
             "there with "
             "2xx or 3xx; notify, once it says READY=1 on the NOTIFY_SOCKET that it finds in its environment "
             "(sd_notify); none, at once.",
     .set = set_ready_check,
     .words = "tcp notify none"},
    {.flag = "start-timeout",
     .value = "D",
     .standard = "30s",
     .help = "How long the app may take to become ready; 0 waits for ever.",
     .set = set_duration<&C::start_timeout>},
    {.flag = "live-check",
     .value = "PATH",
     .otherwise = "none",
     .help = "Liveness (/livez) fails while the app does not answer there with 2xx or 3xx; it is asked once "
             "a second. "
             "Without it liveness is lastcall's own. During a shutdown it always holds.",
     .set = set_live_check},
    {.flag = "health-path",
     .value = "PATH",
     .otherwise = "none",
     .help =
         "A path on which a load balancer probes the traffic port: it answers 503 until the app is ready and "
         "from the first instant of a shutdown; in between it is the app's. Repeatable.",
     .set = add_health_path,
     .repeatable = true},
    {.flag = "foreground",
     .standard = "off",
     .help = "Give the app the terminal and stdin; without it its stdin is /dev/null. A Ctrl-C then goes to "
             "the app, "
             "which ends by itself, undrained.",
     .set = set_switch<&C::foreground>},
};

constexpr Option kShutdown[] = {
    {.flag = "platform",
     .value = "NAME",
     .standard = "auto",
     .help = "Whose presets hold for grace, reserve, lame-duck and admin: kubernetes, docker, podman, ecs, "
             "cloud-run, "
             "fly, heroku, nomad, render, pm2, systemd, terminal, none; auto finds out.",
     .set = set_platform,
     .words =
         "auto none kubernetes docker podman ecs cloud-run fly heroku nomad render pm2 systemd terminal"},
    {.flag = "grace",
     .value = "D",
     .otherwise = "drain-timeout + app-stop + reserve",
     .help =
         "The time from SIGTERM until the platform kills us: terminationGracePeriodSeconds, docker stop -t, "
         "TimeoutStopSec. Everything else must fit into it. A platform has its own.",
     .set = set_duration<&C::grace>,
     .aliases = kGraceAliases},
    {.flag = "drain-timeout",
     .value = "D",
     .otherwise = "grace - app-stop - reserve, or 30s without a grace",
     .help = "How long requests may take to finish, from SIGTERM on, the lame duck included; what is left "
             "then is cut.",
     .set = set_duration<&C::drain_timeout>,
     .aliases = kDrainAliases},
    {.flag = "app-stop",
     .value = "D",
     .otherwise = "a third of grace, at most 10s; 10s without a grace",
     .help =
         "What the app gets at least between its signal and SIGKILL; it gets all that the drain leaves over.",
     .set = set_duration<&C::app_stop>},
    {.flag = "reserve",
     .value = "D",
     .standard = "1s",
     .help = "Kept back at the end for the report and the last log lines.",
     .set = set_duration<&C::reserve>},
    {.flag = "lame-duck",
     .value = "D",
     .standard = "0",
     .help = "Stay reachable for at most this long after SIGTERM although not ready, so that balancers and "
             "Service "
             "endpoints notice before the listener closes; 0 closes it at once. On Kubernetes 8s.",
     .set = set_duration<&C::lame_duck_max>},
    {.flag = "lame-duck-min",
     .value = "D",
     .otherwise = "half of lame-duck, at most 3s",
     .help = "From SIGTERM until answers carry Connection: close.",
     .set = set_duration<&C::lame_duck_min>},
    {.flag = "lame-duck-quiet",
     .value = "D",
     .otherwise = "2s, at most half of what lame-duck-min leaves",
     .help = "After that the listener closes once nobody has connected anew for this long.",
     .set = set_duration<&C::lame_duck_quiet>},
    {.flag = "ready-while-delay",
     .standard = "off",
     .help =
         "Stay ready until the lame duck is over, for a Service whose last endpoint this may be: Kubernetes "
         "still routes to a terminating pod that is ready if there is no other.",
     .set = set_switch<&C::ready_while_delay>},
    {.flag = "idle-grace",
     .value = "D",
     .standard = "1s",
     .help = "How long idle keep-alive connections are kept while draining, so that a request already on its "
             "way is still "
             "answered.",
     .set = set_duration<&C::idle_grace>},
};

constexpr Option kStreams[] = {
    {.flag = "stream-policy",
     .value = "PREFIX=HOW",
     .otherwise = "close for WebSockets and for event streams that answer a GET, finish for the rest",
     .help =
         "What the drain does with paths that begin so: close ends WebSockets with a Close, event streams "
         "between two events, and lets the rest finish; finish waits until the deadline; cut cuts at once. "
         "The longest PREFIX counts. Repeatable.",
     .set = add_stream_rule,
     .repeatable = true},
    {.flag = "ws-grace",
     .value = "D",
     .standard = "5s",
     .help = "How long the closing of a WebSocket may take while draining, from its turn to the last answer: "
             "nine tenths for the client's, and what is then left for the app's.",
     .set = set_duration<&C::ws_grace>},
    {.flag = "ws-close-code",
     .value = "N",
     .standard = "1001",
     .help = "The code of that Close: 1001 says going away, 1012 service restart.",
     .set = set_ws_close_code},
    {.flag = "ws-close-reason",
     .value = "TEXT",
     .standard = "server shutting down",
     .help = "Its reason, at most 123 bytes of printable ASCII.",
     .set = set_ws_close_reason},
};

constexpr std::string_view kSignalWords = "TERM INT QUIT HUP USR1 USR2 WINCH TSTP";

constexpr Option kSignals[] = {
    {.flag = "stop-signal",
     .value = "SIG",
     .otherwise = "the one received",
     .help = "The signal that tells the app to stop, once its requests are done: TERM, SIGTERM or 15.",
     .set = set_signal<&C::stop_signal>,
     .words = kSignalWords},
    {.flag = "notify-signal",
     .value = "SIG",
     .standard = "none",
     .help =
         "A signal for the app at the very beginning of a shutdown, such as TSTP for a Sidekiq inside it.",
     .set = set_notify_signal,
     .words = "none TERM INT QUIT HUP USR1 USR2 WINCH TSTP"},
    {.flag = "signal-target",
     .value = "WHO",
     .standard = "auto",
     .help = "Who gets the stop signal: child; group, its whole process group; auto, the child and, if it "
             "has not "
             "exited at half its time, the group.",
     .set = set_signal_target,
     .words = "auto child group"},
    {.flag = "remap-exit",
     .value = "A:B",
     .otherwise = "none",
     .help = "Exit with B where the app's own status would be A: 7:0 for an app that says 7 whenever it is "
             "stopped. A loss, and an app that failed unasked, stay a failure. Repeatable.",
     .set = add_remap_exit,
     .repeatable = true},
};

constexpr Option kRequests[] = {
    {.flag = "idle-timeout",
     .value = "D",
     .standard = "75s",
     .help = "How long a keep-alive connection may stay idle; keep it longer than your balancer's. 0 is no "
             "limit.",
     .set = set_duration<&C::idle_timeout>,
     .aliases = kIdleAliases},
    {.flag = "header-timeout",
     .value = "D",
     .standard = "10s",
     .help = "How long a client may take to send a request's head; 0 is no limit.",
     .set = set_duration<&C::header_timeout>,
     .aliases = kHeaderAliases},
    {.flag = "min-body-rate",
     .value = "SIZE",
     .standard = "256B",
     .help =
         "How much of its body an upload must bring each second, on average over 10 s, else 408; a body may "
         "take as long as it likes at this rate. 0 is no limit.",
     .set = set_size<&C::min_body_rate>},
    {.flag = "send-timeout",
     .value = "D",
     .standard = "60s",
     .help =
         "How long a client may take not one byte of what is sent to it, else its connection is closed; 0 is "
         "no limit.",
     .set = set_duration<&C::send_timeout>},
    {.flag = "upstream-timeout",
     .value = "D",
     .standard = "0",
     .help = "How long the app may take to the first byte of its response, else 504; 0 is no limit.",
     .set = set_duration<&C::upstream_timeout>},
    {.flag = "max-head",
     .value = "SIZE",
     .standard = "32KiB",
     .help = "Largest head of a request, else 431, and of the app's response, else 502; from 1KiB to 64KiB.",
     .set = set_max_head},
    {.flag = "max-headers",
     .value = "N",
     .standard = "100",
     .help = "Most header fields in a request, else 431, and in the app's response, else 502.",
     .set = set_count<&C::max_headers, 1, 1000>},
    {.flag = "max-body",
     .value = "SIZE",
     .standard = "0",
     .help = "Largest request body, else 413; 0 is no limit.",
     .set = set_size<&C::max_body>,
     .aliases = kBodyAliases},
    {.flag = "max-conns",
     .value = "N",
     .standard = "0",
     .help = "Most client connections at once; 0 derives it from the limit of open files.",
     .set = set_count<&C::max_conns, 0, 10'000'000>},
    {.flag = "forward-headers",
     .value = "on|off",
     .standard = "on",
     .help = "Keep the X-Forwarded-* and Forwarded fields that clients send; off drops them, for a lastcall "
             "that faces "
             "the open internet.",
     .set = set_switch<&C::forward_headers>,
     .aliases = kForwardAliases,
     .words = "on off"},
};

constexpr Option kBuffers[] = {
    {.flag = "buffer-request",
     .value = "SIZE",
     .standard = "0",
     .help = "Gather an upload in memory before the app is asked, so that a slow client keeps no worker of "
             "the app "
             "busy; what exceeds this is passed on as it comes. At most 1GiB for each upload; 0 passes on at "
             "once.",
     .set = set_size_up_to<&C::buffer_request, kMostBuffered>},
    {.flag = "buffer-response",
     .value = "SIZE",
     .standard = "0",
     .help = "Take so much of a response from the app although its client is slower, so that the worker is "
             "free. At "
             "most 1GiB for each response, in memory; 0 takes what the client takes.",
     .set = set_size_up_to<&C::buffer_response, kMostBuffered>},
    {.flag = "error-page",
     .value = "STATUS=FILE",
     .otherwise = "a short text, as JSON or as HTML for browsers",
     .help = "Answer with this file where lastcall itself answers with that status: 502, 503, 504, 408, 413, "
             "431 and "
             "others; the app's own answers are never replaced. Read at start; .html, .json, .txt or .xml, "
             "at most "
             "256KiB. Repeatable.",
     .set = add_error_page,
     .aliases = kPageAliases,
     .repeatable = true},
};

constexpr Option kOutput[] = {
    {.flag = "report",
     .value = "FILE",
     .otherwise = "no file",
     .help = "Write the drain report there as JSON. /dev/termination-log gets it in any case, if it exists.",
     .set = set_text<&C::report>},
    {.flag = "log-format",
     .value = "FORMAT",
     .standard = "auto",
     .help = "text, json, or auto: text on a terminal, JSON elsewhere. Logs go to stderr.",
     .set = set_log_format,
     .words = "auto text json"},
    {.flag = "log-level",
     .value = "LEVEL",
     .standard = "info",
     .help = "debug, info, warn or error.",
     .set = set_log_level,
     .aliases = kLevelAliases,
     .words = "debug info warn error"},
    {.flag = "access-log",
     .standard = "off",
     .help = "Log every request, without its query string, with its X-Request-ID. While nobody reads stderr, "
             "lines are left out and counted.",
     .set = set_switch<&C::access_log>,
     .aliases = kAccessAliases},
};

constexpr Option kSources[] = {
    {.flag = "config",
     .value = "FILE",
     .otherwise = "no file",
     .help = "Read settings from this TOML file: each key is a flag without its dashes.",
     .set = set_text<&C::config_file>,
     .in_file = false},
    {.flag = "compat",
     .value = "TOOL",
     .standard = "none",
     .help = "Take over the environment variables and defaults of another wrapper: thruster, or none.",
     .set = set_compat,
     .words = "none thruster"},
    {.flag = "dry-run",
     .standard = "off",
     .help = "Print the plan, with one shutdown instant by instant, and start nothing.",
     .set = set_switch<&C::dry_run>,
     .in_file = false},
};

constexpr Group kGroups[] = {{"Addresses", kAddresses},       {"The app", kApp},
                             {"Shutdown", kShutdown},         {"WebSockets and streams", kStreams},
                             {"Signals", kSignals},           {"Requests", kRequests},
                             {"Buffers and pages", kBuffers}, {"Reports and logs", kOutput},
                             {"Settings", kSources}};

constexpr Table kTable = {.command = "run",
                          .introduction = kIntroduction,
                          .ending = kEnding,
                          .source = "src/config/options.cc",
                          .note = kNote,
                          .example = "lastcall run -- puma -p {port}",
                          .environment = true,
                          .groups = kGroups};

}  // namespace

std::string Option::environment_name() const {
  std::string name = "LASTCALL_";
  for (const char c : flag) {
    name += c == '-' ? '_' : static_cast<char>(c - 'a' + 'A');
  }
  return name;
}

const Option* find_option(const Table& table, std::string_view flag) {
  const Option* found = nullptr;
  for_each_option(table, [&](const Option& option) { found = option.flag == flag ? &option : found; });
  return found;
}

const Option& option_called(const Table& table, std::string_view flag) {
  const Option* const found = find_option(table, flag);
  LASTCALL_ASSERT(found != nullptr);
  return *found;
}

const Table& run_table() {
  return kTable;
}

}  // namespace lastcall::config
