// Rows of `lastcall run`: what happens from the signal on.
#include "config/run_options.h"
#include "config/setters.h"

namespace lastcall::config {
namespace {

using C = RunConfig;

constexpr Alias kGraceAliases[] = {
    {.name = "GRACEFUL_SHUTDOWN_TIMEOUT_MS", .unit = "milliseconds", .after = "ms"}};
constexpr Alias kDrainAliases[] = {{.name = "HTTP_DRAIN_TIMEOUT", .unit = "seconds", .after = "s"}};

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

}  // namespace

Group shutdown_options() {
  return {"Shutdown", kShutdown};
}

Group stream_options() {
  return {"WebSockets and streams", kStreams};
}

Group signal_options() {
  return {"Signals", kSignals};
}

}  // namespace lastcall::config
