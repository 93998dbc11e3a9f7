#include "surroundings.h"

#include "config/help.h"
#include "sys/sys.h"

namespace lastcall {
namespace {

constexpr int kStdout = 1;
constexpr int kStderr = 2;

log::Format log_format(config::LogFormat asked) {
  if (asked == config::LogFormat::automatic) {
    return sys::is_terminal(kStderr) ? log::Format::text : log::Format::json;
  }
  return asked == config::LogFormat::text ? log::Format::text : log::Format::json;
}

bool is_capable_terminal(int fd, const config::Environment& environment) {
  const auto term = environment.find("TERM");
  return sys::is_terminal(fd) && term != environment.end() && term->second != "dumb";
}

Failure answered() {
  return failure({}, {}, 0);
}

}  // namespace

config::Environment read_environment() {
  config::Environment environment;
  for (const std::string& entry : sys::environment()) {
    const std::size_t equals = entry.find('=');
    if (equals != std::string::npos) {
      environment.emplace(entry.substr(0, equals), entry.substr(equals + 1));
    }
  }
  return environment;
}

int complain(const Error& error) {
  if (!error.what.empty()) {
    sys::write_all(kStderr,
                   "lastcall: " + error.what + "\n" + (error.fix.empty() ? "" : "  " + error.fix + "\n"));
  }
  return error.exit_status;
}

int print(const std::string& text) {
  return sys::write_all(kStdout, text) == 0 ? 0 : 125;
}

bool shows_colour(int fd) {
  const config::Environment environment = read_environment();
  const auto refusal = environment.find("NO_COLOR");
  const bool refused = refusal != environment.end() && !refusal->second.empty();
  return is_capable_terminal(fd, environment) && !refused;
}

bool can_redraw_stderr() {
  return is_capable_terminal(kStderr, read_environment());
}

log::Logger make_logger(const config::RunConfig& config) {
  // Where a live line may stand, a log line takes its place.
  const std::string clear = can_redraw_stderr() ? "\r\x1b[K" : "";
  return {static_cast<log::Level>(config.log_level), log_format(config.log_format),
          [clear](std::string_view line) { sys::write_all(kStderr, clear + std::string(line)); },
          sys::wall_clock_ms};
}

Result<CommandLine> read_command_line(std::span<const std::string> words) {
  auto arguments = config::parse_arguments(config::run_table(), words);
  if (!arguments) {
    return tl::unexpected(arguments.error());
  }
  if (arguments->help) {
    print(config::help_text(config::run_table(), static_cast<std::size_t>(sys::terminal_width(kStdout))));
    return answered();
  }
  if (arguments->version) {
    print("lastcall " LASTCALL_VERSION "\n");
    return answered();
  }
  auto resolved = config::resolve(*arguments, read_environment());
  if (!resolved) {
    return tl::unexpected(resolved.error());
  }
  return CommandLine{std::move(*arguments), std::move(*resolved)};
}

}  // namespace lastcall
