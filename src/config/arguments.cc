#include "config/arguments.h"

#include <algorithm>

#include <CLI/CLI.hpp>

#include "config/options.h"
#include "config/suggest.h"

namespace lastcall::config {
namespace {

constexpr std::string_view kSeeHelp = "lastcall run --help lists them all";
constexpr std::string_view kExample = "lastcall run -- puma -p {port}";

Failure unknown_option(std::string_view word) {
  const std::string_view name = word.substr(0, word.find('='));
  std::vector<std::string> known = {"--help", "--version"};
  for_each_option([&known](const Option& option) { known.push_back("--" + std::string(option.flag)); });
  const std::string meant = nearest(name, known);
  return failure("unknown option " + std::string(name),
                 meant.empty() ? std::string(kSeeHelp) : "did you mean " + meant + "?", 2);
}

Failure misplaced(std::string_view word, std::span<const std::string> words) {
  const auto at = std::ranges::find(words, word);
  std::string command;
  std::for_each(at, words.end(), [&command](const std::string& part) { command += " " + part; });
  return failure("unexpected argument '" + std::string(word) + "'",
                 "the command comes after --, for example: lastcall run --" + command, 2);
}

/// Binds the flags of the table to `arguments`, which must outlive `app`.
void declare(CLI::App& app, Arguments& arguments) {
  app.set_help_flag();
  app.allow_extras();
  app.add_flag("-h,--help", arguments.help);
  app.add_flag("--version", arguments.version);
  for_each_option([&](const Option& option) {
    const std::string flag(option.flag);
    auto& values = arguments.given[flag];
    if (option.is_switch()) {
      app.add_flag("--" + flag + "{on}", values);
      return;
    }
    app.add_option("--" + flag, values)->type_name(std::string(option.value))->allow_extra_args(false);
  });
}

}  // namespace

Result<Arguments> parse_arguments(std::span<const std::string> words) {
  const auto separator = std::ranges::find(words, "--");
  Arguments arguments;
  if (separator != words.end()) {
    arguments.command.assign(separator + 1, words.end());
  }
  CLI::App app;
  declare(app, arguments);
  std::vector<std::string> reversed(words.begin(), separator);
  std::ranges::reverse(reversed);
  try {
    app.parse(reversed);
  } catch (const CLI::ParseError& error) {
    return failure(error.what(), std::string(kSeeHelp), 2);
  }
  if (const auto extras = app.remaining(); !extras.empty()) {
    const std::string& first = extras.front();
    return first.starts_with('-') ? unknown_option(first) : misplaced(first, words);
  }
  std::erase_if(arguments.given, [](const auto& entry) { return entry.second.empty(); });
  return arguments;
}

Failure missing_command() {
  return failure("there is no command to run", "put it after --, for example: " + std::string(kExample), 2);
}

}  // namespace lastcall::config
