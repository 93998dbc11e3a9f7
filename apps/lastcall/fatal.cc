#include "fatal.h"

#include <algorithm>
#include <iterator>

#include "surroundings.h"

namespace lastcall {
namespace {

/// Whether JSON is asked for by somebody whose settings cannot be read.
bool wants_json(std::span<const std::string> words) {
  const auto command = std::ranges::find(words, "--");
  const std::span<const std::string> options(words.begin(), command);
  const auto flag = std::ranges::find(options, "--log-format");
  if (flag != options.end()) {
    return std::next(flag) != options.end() && *std::next(flag) == "json";
  }
  const config::Environment environment = read_environment();
  const std::string* const variable = config::find_variable(environment, "LASTCALL_LOG_FORMAT");
  return std::ranges::find(options, "--log-format=json") != options.end() ||
         (variable != nullptr && *variable == "json");
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
