// Rows of `lastcall run`: limits of requests and connections, and what is answered in the app's place.
#include "config/run_options.h"
#include "config/setters.h"

namespace lastcall::config {
namespace {

using C = RunConfig;

constexpr std::uint64_t kMostBuffered = 1ULL << 30U;

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
constexpr Alias kPageAliases[] = {{.name = "BAD_GATEWAY_PAGE", .of = Compat::thruster, .before = "502="}};

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

}  // namespace

Group request_options() {
  return {"Requests", kRequests};
}

Group buffer_options() {
  return {"Buffers and pages", kBuffers};
}

}  // namespace lastcall::config
