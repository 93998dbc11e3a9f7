// Rows of `lastcall run`: what it tells, and what else says how it is set.
#include "config/run_options.h"
#include "config/setters.h"

namespace lastcall::config {
namespace {

using C = RunConfig;

constexpr Alias kAccessAliases[] = {{.name = "LOG_REQUESTS",
                                     .of = Compat::thruster,
                                     .standard = "on",
                                     .when_true = "on",
                                     .when_false = "off"}};
constexpr Alias kLevelAliases[] = {{.name = "DEBUG",
                                    .of = Compat::thruster,
                                    .standard = "info",
                                    .when_true = "debug",
                                    .when_false = "info"}};

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

}  // namespace

Group output_options() {
  return {"Reports and logs", kOutput};
}

Group source_options() {
  return {"Settings", kSources};
}

}  // namespace lastcall::config
