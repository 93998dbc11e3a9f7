// Rows of `lastcall run`: where it and the app listen, and how the app is started.
#include "config/run_options.h"
#include "config/setters.h"

namespace lastcall::config {
namespace {

using C = RunConfig;

constexpr Alias kListenAliases[] = {
    {.name = "PORT", .unit = "a port", .before = ":"},
    {.name = "HTTP_PORT", .of = Compat::thruster, .standard = ":80", .unit = "a port", .before = ":"}};
constexpr Alias kAppPortAliases[] = {{.name = "TARGET_PORT", .of = Compat::thruster, .standard = "3000"}};

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

}  // namespace

Group address_options() {
  return {"Addresses", kAddresses};
}

Group app_options() {
  return {"The app", kApp};
}

}  // namespace lastcall::config
