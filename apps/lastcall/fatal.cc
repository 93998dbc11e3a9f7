#include "fatal.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <string_view>

#include "surroundings.h"

namespace lastcall {
namespace {

constexpr std::string_view kFlag = "--log-format";

/// What the flag was told last, if it was.
std::optional<std::string_view> flagged_format(std::span<const std::string> options) {
  std::optional<std::string_view> format;
  for (auto word = options.begin(); word != options.end(); ++word) {
    const std::string_view text = *word;
    const bool has_value = text.starts_with(kFlag) && text.substr(kFlag.size()).starts_with('=');
    if (has_value) {
      format = text.substr(kFlag.size() + 1);
    } else if (text == kFlag && std::next(word) != options.end()) {
      format = *std::next(word);
    }
  }
  return format;
}

/// Whether JSON is asked for by somebody whose settings cannot be read.
bool wants_json(std::span<const std::string> words) {
  const std::span<const std::string> options(words.begin(), std::ranges::find(words, "--"));
  if (const auto format = flagged_format(options)) {
    return *format == "json";
  }
  const config::Environment environment = read_environment();
  const std::string* const variable = config::find_variable(environment, "LASTCALL_LOG_FORMAT");
  return variable != nullptr && *variable == "json";
}

}  // namespace

int fail(const Error& error, const config::RunConfig& config) {
  if (config.dry_run || !logs_json(config)) {
    return complain(error);
  }
  const log::Field fields[] = {{"error", error.what}, {"exit_status", error.exit_status}, {"fix", error.fix}};
  const std::size_t without_fix = error.fix.empty() ? 1 : 0;
  make_logger(config).write(log::Level::error, "fatal",
                            std::span(fields).first(std::size(fields) - without_fix));
  return error.exit_status;
}

int fail_unread(const Error& error, std::span<const std::string> words) {
  if (error.exit_status == 0 || !wants_json(words)) {
    return complain(error);
  }
  config::RunConfig config;
  config.log_format = config::LogFormat::json;
  return fail(error, config);
}

}  // namespace lastcall
