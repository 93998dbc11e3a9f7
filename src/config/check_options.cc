// The option table of `lastcall check`.
#include <algorithm>
#include <array>

#include "base/profile_names.h"
#include "config/check_setters.h"
#include "config/options.h"

namespace lastcall::config {
namespace {

using C = CheckConfig;

constexpr std::string_view kIntroduction =
    R"(lastcall check proves whether a server shuts down gracefully: it starts the
server, loads it in every way that clients do, signals it in mid-load, watches
every client to the end, and judges what they saw, clause by clause.

Usage:
  lastcall check [OPTIONS] -- COMMAND [ARGUMENT...]
  lastcall check [OPTIONS] --pid N        a server that runs already
  lastcall check --replay FILE            judge a record again

Examples:
  # The server finds its port in $PORT
  lastcall check -- npm start

  # As Kubernetes will treat it: clients still arrive after SIGTERM
  lastcall check --profile kubernetes --ready-path /readyz -- ./app -p {port}

  # Every kind of work in flight at the signal; results for CI
  lastcall check --slow-path '/slow?seconds=2' --upload-path /upload \
    --ws-path /ws --sse-path /events --junit check.xml --html check.html \
    -- ./server --port {port}

  # A server started by something else
  lastcall check --pid 4711 --url http://127.0.0.1:8080 --slow-path /slow

  # The same server on its own and under lastcall run, side by side
  lastcall check --compare -- ./server --port {port}

  # An app that stands under lastcall run: {{port}} is left to that, as {port}
  lastcall check -- lastcall run -- puma -p {{port}}

  # What users of a balancer see of 20 restarts of three replicas
  lastcall check --behind haproxy --ready-path /readyz -- ./server --port {port}

  # What was seen, judged by another platform's rules, without running anything
  lastcall check --record run.ndjson -- ./server --port {port}
  lastcall check --replay run.ndjson --profile kubernetes
)";

constexpr std::string_view kEnding =
    R"(COMMAND is executed as it is, never by a shell, with {port} replaced by its port and $PORT set to it. It and all that
it started are ended with the check, on Ctrl-C too. Work whose path is not given is not tried and its clause skipped; what was
not in flight at the signal is called inconclusive, never passed. Values of headers, queries and passwords in URLs are shown nowhere.

Of an option given twice the last counts. D is a duration with its unit: 30s, 1m30s, 1.5s, 250ms. FILE may be - for stdout.
Files are written whole or not at all, readable by you alone.

Exit status: 0 every clause passed; 1 a clause failed; 2 usage, or the server could not be started; 3 inconclusive;
130 interrupted. `lastcall explain LC202` says what a clause means and how to mend what breaks it.
)";

constexpr std::string_view kNote =
    R"(Flags and defaults only, no environment variables: what was judged stands on the command line. Durations carry units:
`30s`, `1m30s`, `1.5s`, `250ms`. `FILE` may be `-` for stdout. Exit status: 0 passed, 1 failed, 2 usage or the server could not
be started, 3 inconclusive, 130 interrupted.
)";

constexpr Option kServer[] = {
    {.flag = "path",
     .value = "PATH",
     .standard = "/",
     .help = "What most requests ask for; it must be answered with 2xx or 3xx. The server counts as started "
             "once it is.",
     .set = set_request_path<&C::path>},
    {.flag = "url",
     .value = "URL",
     .otherwise = "http://127.0.0.1 at a free port",
     .help = "Where the server listens, if it does not take the port it is given: http://HOST:PORT. HOST is "
             "a number "
             "or localhost.",
     .set = set_url},
    {.flag = "pid",
     .value = "N",
     .otherwise = "COMMAND is started",
     .help = "Signal this process instead of one that is started. It is never killed. Nobody but its parent "
             "learns its exit status, so that clause is inconclusive; there is one trial.",
     .set = set_pid},
    {.flag = "start-timeout",
     .value = "D",
     .standard = "30s",
     .help = "How long the server may take to answer on --path.",
     .set = set_duration<&C::start_timeout>},
    {.flag = "header",
     .value = "FIELD",
     .otherwise = "none",
     .help = "A field of every request: 'Name: value'. Repeatable.",
     .set = add_header,
     .repeatable = true},
};

constexpr Option kWork[] = {
    {.flag = "slow-path",
     .value = "PATH",
     .otherwise = "not tried",
     .help = "A response that the server takes its time for, best a second or two.",
     .set = set_request_path<&C::slow_path>},
    {.flag = "upload-path",
     .value = "PATH",
     .otherwise = "not tried",
     .help = "Takes POST with a body: sent at once, in halves, and after 100 Continue.",
     .set = set_request_path<&C::upload_path>},
    {.flag = "download-path",
     .value = "PATH",
     .otherwise = "not tried",
     .help = "A long response, best a megabyte or more; it is read slowly.",
     .set = set_request_path<&C::download_path>},
    {.flag = "ws-path",
     .value = "PATH",
     .otherwise = "not tried",
     .help = "A WebSocket.",
     .set = set_request_path<&C::ws_path>},
    {.flag = "sse-path",
     .value = "PATH",
     .otherwise = "not tried",
     .help = "A stream of Server-Sent Events.",
     .set = set_request_path<&C::sse_path>},
};

constexpr Option kHealth[] = {
    {.flag = "ready-path",
     .value = "PLACE",
     .otherwise = "not probed",
     .help = "Readiness, asked every 10 ms: a path, or :PORT/PATH or a whole URL if it is served elsewhere.",
     .set = set_place<&C::ready_path>},
    {.flag = "live-path",
     .value = "PLACE",
     .otherwise = "not probed",
     .help = "Liveness, likewise.",
     .set = set_place<&C::live_path>},
};

constexpr std::string_view kProfileHelpBegin = "What the place where it will run expects of it: ";
constexpr auto kProfileHelp = [] {
  constexpr auto kCommas = static_cast<std::size_t>(std::ranges::count(kProfileNames, ' '));
  std::array<char, kProfileHelpBegin.size() + kProfileNames.size() + kCommas + 1> text{};
  char* at = std::ranges::copy(kProfileHelpBegin, text.data()).out;
  for (const char c : kProfileNames) {
    if (c == ' ') {
      *at++ = ',';
    }
    *at++ = c;
  }
  *at = '.';
  return text;
}();

constexpr Option kShutdown[] = {
    {.flag = "profile",
     .value = "NAME",
     .otherwise = "plain; with --replay the record's",
     .help = std::string_view(kProfileHelp.data(), kProfileHelp.size()),
     .set = set_text<&C::profile>,
     .words = kProfileNames},
    {.flag = "grace",
     .value = "D",
     .otherwise = "the profile's",
     .help = "From the signal until SIGKILL.",
     .set = set_duration<&C::grace>},
    {.flag = "signal",
     .value = "SIG",
     .standard = "TERM",
     .help = "By which it is asked to stop: TERM, SIGTERM or 15.",
     .set = set_check_signal,
     .words = "TERM INT QUIT HUP USR1 USR2"},
    {.flag = "trials",
     .value = "N",
     .standard = "3",
     .help = "How often it is started and stopped; the worst trial decides each clause. From 8 on, polling "
             "shows too.",
     .set = set_count<&C::trials, 1, 100>},
    {.flag = "repeat-signal",
     .value = "on|off",
     .standard = "on",
     .help = "Send the signal a second time in the last trial of several, as some platforms do; never INT or "
             "QUIT, which force then.",
     .set = set_switch<&C::repeat_signal>,
     .words = "on off"},
};

constexpr Option kLoad[] = {
    {.flag = "rate",
     .value = "N",
     .standard = "200",
     .help = "Requests per second on new connections, and as many on kept ones.",
     .set = set_count<&C::rate, 10, 20'000>},
    {.flag = "duration",
     .value = "D",
     .standard = "1s",
     .help = "Of load before the signal, at least.",
     .set = set_duration<&C::duration>},
    {.flag = "seed",
     .value = "N",
     .otherwise = "a new one each time",
     .help = "Of every random instant: the same seed repeats the same load.",
     .set = set_count<&C::seed, 0, ~std::uint64_t{0}>},
};

constexpr Option kBeyond[] = {
    {.flag = "compare",
     .standard = "off",
     .help = "Do everything twice, with COMMAND on its own and under `lastcall run`, and show both side by "
             "side. The exit status is that of the second.",
     .set = set_switch<&C::compare>},
    {.flag = "behind",
     .value = "BALANCER",
     .otherwise = "clients connect to the server itself",
     .help = "Instead of single shutdowns: restart replicas one after another behind haproxy or nginx and "
             "count the errors that users of the balancer see. HAProxy probes --ready-path.",
     .set = set_behind,
     .words = "haproxy nginx"},
    {.flag = "replicas",
     .value = "N",
     .standard = "3",
     .help = "Behind a balancer: how many.",
     .set = set_count<&C::replicas, 2, 16>},
    {.flag = "restarts",
     .value = "N",
     .standard = "20",
     .help = "Behind a balancer: how many, one at a time.",
     .set = set_count<&C::restarts, 1, 1000>},
};

constexpr Option kOutput[] = {
    {.flag = "json",
     .value = "FILE",
     .otherwise = "none",
     .help = "Write the verdict as JSON.",
     .set = set_text<&C::json>},
    {.flag = "junit",
     .value = "FILE",
     .otherwise = "none",
     .help = "Write it as JUnit XML: a test case for each clause.",
     .set = set_text<&C::junit>},
    {.flag = "html",
     .value = "FILE",
     .otherwise = "none",
     .help = "Write it as one self-contained page, the timeline drawn.",
     .set = set_text<&C::html>},
    {.flag = "record",
     .value = "FILE",
     .otherwise = "none",
     .help = "Keep everything that was seen, for --replay.",
     .set = set_text<&C::record>},
    {.flag = "replay",
     .value = "FILE",
     .otherwise = "the server is run",
     .help = "Judge such a record instead of running anything.",
     .set = set_text<&C::replay>},
    {.flag = "color",
     .value = "WHEN",
     .standard = "auto",
     .help = "always, never, or auto: on a terminal, unless NO_COLOR is set.",
     .set = set_colour,
     .words = "auto always never"},
};

constexpr Group kGroups[] = {{"The server", kServer}, {"Work to be in flight", kWork},
                             {"Health", kHealth},     {"The shutdown", kShutdown},
                             {"The load", kLoad},     {"With lastcall, behind a balancer", kBeyond},
                             {"Results", kOutput}};

constexpr Table kTable = {.command = "check",
                          .introduction = kIntroduction,
                          .ending = kEnding,
                          .source = "src/config/check_options.cc",
                          .note = kNote,
                          .example = "lastcall check -- ./server --port {port}",
                          .environment = false,
                          .groups = kGroups};

}  // namespace

const Table& check_table() {
  return kTable;
}

}  // namespace lastcall::config
