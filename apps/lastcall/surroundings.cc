#include "surroundings.h"

#include <cstring>
#include <filesystem>
#include <memory>
#include <system_error>

#include "config/command_list.h"
#include "config/help.h"
#include "config/settings_file.h"
#include "log_sink.h"
#include "sys/sys.h"

namespace lastcall {
namespace {

constexpr int kStdin = 0;
constexpr int kStdout = 1;
constexpr int kStderr = 2;
constexpr std::size_t kMaxSettingsFile = 64 * 1024;

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

config::Surroundings look_around(const config::Environment& environment) {
  return {.variable =
              [&environment](std::string_view name) {
                const auto found = environment.find(name);
                return found == environment.end() ? std::string() : found->second;
              },
          .file_exists = [](std::string_view path) { return sys::read_file(std::string(path)).has_value(); },
          .own_pid = sys::own_pid(),
          .on_terminal = sys::is_terminal(kStdin)};
}

Failure answered() {
  return failure({}, {}, 0);
}

}  // namespace

Result<config::SettingsFile> read_settings_file(const std::string& path) {
  if (path.empty()) {
    return config::SettingsFile();
  }
  int error = 0;
  const auto text = sys::read_large_file(path, kMaxSettingsFile, error);
  if (!text) {
    return failure("cannot read the settings file " + path + ": " + std::strerror(-error),
                   "name a TOML file of at most 64 KiB with --config or LASTCALL_CONFIG", 2);
  }
  return config::parse_settings_file(config::run_table(), *text, path);
}

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

std::string own_path() {
  const std::string link = "/proc/self/exe";
  std::error_code error;
  const std::string target = std::filesystem::read_symlink(link, error);
  return error ? link : target;
}

int complain(const Error& error) {
  if (!error.what.empty()) {
    sys::write_all(kStderr,
                   "lastcall: " + error.what + "\n" + (error.fix.empty() ? "" : "  " + error.fix + "\n"));
  }
  return error.exit_status;
}

void caution(std::span<const std::string> warnings) {
  for (const std::string& warning : warnings) {
    sys::write_all(kStderr, "lastcall: " + warning + "\n");
  }
}

int print(const std::string& text) {
  return sys::write_all(kStdout, text) == 0 ? 0 : 125;
}

int print_help(std::string_view command) {
  return print(config::command_help(command, static_cast<std::size_t>(sys::terminal_width(kStdout))));
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

bool logs_json(const config::RunConfig& config) {
  return log_format(config.log_format) == log::Format::json;
}

log::Logger make_logger(const config::RunConfig& config) {
  // Where a live line may stand, a log line takes its place.
  const std::string clear = can_redraw_stderr() ? "\r\x1b[K" : "";
  const log::Format format = log_format(config.log_format);
  auto sink = std::make_shared<LogSink>(format, clear);
  return {static_cast<log::Level>(config.log_level), format,
          [sink](std::string_view line) { sink->write(line); }, sys::wall_clock_ms};
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
  const config::Environment environment = read_environment();
  auto file = read_settings_file(config::settings_file_path(*arguments, environment));
  if (!file) {
    return tl::unexpected(std::move(file).error());
  }
  auto resolved = config::resolve(*arguments, environment, *file, look_around(environment));
  if (!resolved) {
    return tl::unexpected(resolved.error());
  }
  return CommandLine{std::move(*arguments), std::move(*resolved)};
}

}  // namespace lastcall
