// What the command line's sub-commands share: the environment, the terminal, and how an error is shown.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "config/resolve.h"
#include "log/logger.h"

namespace lastcall {

/// This process's environment, by name.
[[nodiscard]] config::Environment read_environment();

/// The file of the program that runs; where there is no /proc, the name in it that is not found.
[[nodiscard]] std::string own_path();

/// Prints an error as "lastcall: what" and its fix below; returns its exit status.
int complain(const Error& error);

/// Prints each warning as a line to stderr.
void caution(std::span<const std::string> warnings);

/// Writes to stdout; the status to exit with.
int print(const std::string& text);

/// Whether a descriptor is a terminal that shows colours to somebody who wants them (no-color.org).
[[nodiscard]] bool shows_colour(int fd);

/// Whether standard error is a terminal that knows how to erase a line.
[[nodiscard]] bool can_redraw_stderr();

/// Whether that logger writes JSON.
[[nodiscard]] bool logs_json(const config::RunConfig& config);

/// A logger that writes whole lines to stderr, as text on a terminal and as JSON otherwise, unless told how.
[[nodiscard]] log::Logger make_logger(const config::RunConfig& config);

/// Nothing of a file without a name. Error: status 2.
[[nodiscard]] Result<config::SettingsFile> read_settings_file(const std::string& path);

/// The --help of a sub-command without an option table. Returns the status to exit with.
int print_help(std::string_view command);

/// Words of the command line, or every effective value; --help and --version are answered here, with a status
/// in `done`.
struct CommandLine {
  config::Arguments arguments;
  config::Resolved resolved;
};

/// Error: with status 0, it has been answered already (--help, --version).
[[nodiscard]] Result<CommandLine> read_command_line(std::span<const std::string> words);

}  // namespace lastcall
