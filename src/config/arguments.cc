#include "config/arguments.h"

#include <algorithm>

#include <CLI/CLI.hpp>

#include "config/options.h"
#include "config/suggest.h"

namespace lastcall::config {
namespace {

std::string see_help(const Table& table) {
  return "lastcall " + std::string(table.command) + " --help lists them all";
}

Failure unknown_option(const Table& table, std::string_view word) {
  const std::string_view name = word.substr(0, word.find('='));
  std::vector<std::string> known = {"--help", "--version"};
  for_each_option(table,
                  [&known](const Option& option) { known.push_back("--" + std::string(option.flag)); });
  const std::string meant = nearest(name, known);
  return failure("unknown option " + std::string(name),
                 meant.empty() ? see_help(table) : "did you mean " + meant + "?", 2);
}

/// The parser's own errors speak of its parts: what can be wrong with a known flag is a value too few or too
/// many.
Failure misused(const Table& table, std::string_view complaint, std::span<const std::string> words) {
  for (const std::string& word : words) {
    if (word.starts_with("--help=") || word.starts_with("--version=") || word.starts_with("-h=")) {
      return failure(word.substr(0, word.find('=')) + " takes no value", "leave it out", 2);
    }
  }
  const std::string_view flag = complaint.substr(0, complaint.find(':'));
  const Option* const option = flag.starts_with("--") ? find_option(table, flag.substr(2)) : nullptr;
  if (option == nullptr || option->is_switch()) {
    return failure(std::string(complaint), see_help(table), 2);
  }
  return failure(std::string(flag) + " needs a value",
                 "write it as " + std::string(flag) + " " + std::string(option->value), 2);
}

Failure misplaced(const Table& table, std::string_view word, std::span<const std::string> words) {
  const auto at = std::ranges::find(words, word);
  std::string command;
  std::for_each(at, words.end(), [&command](const std::string& part) { command += " " + part; });
  return failure(
      "unexpected argument '" + std::string(word) + "'",
      "the command comes after --, for example: lastcall " + std::string(table.command) + " --" + command, 2);
}

/// Binds the flags of the table to `arguments`, which must outlive `app`.
void declare(CLI::App& app, const Table& table, Arguments& arguments) {
  app.set_help_flag();
  app.allow_extras();
  app.add_flag("-h,--help", arguments.help);
  app.add_flag("--version", arguments.version);
  for_each_option(table, [&](const Option& option) {
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

Result<Arguments> parse_arguments(const Table& table, std::span<const std::string> words) {
  const auto separator = std::ranges::find(words, "--");
  Arguments arguments;
  if (separator != words.end()) {
    arguments.command.assign(separator + 1, words.end());
  }
  CLI::App app;
  declare(app, table, arguments);
  std::vector<std::string> reversed(words.begin(), separator);
  std::ranges::reverse(reversed);
  try {
    app.parse(reversed);
  } catch (const CLI::ParseError& error) {
    return misused(table, error.what(), {words.begin(), separator});
  }
  if (const auto extras = app.remaining(); !extras.empty()) {
    const std::string& first = extras.front();
    return first.starts_with('-') ? unknown_option(table, first) : misplaced(table, first, words);
  }
  std::erase_if(arguments.given, [](const auto& entry) { return entry.second.empty(); });
  return arguments;
}

Failure missing_command(const Table& table) {
  return failure("there is no command to run", "put it after --, for example: " + std::string(table.example),
                 2);
}

}  // namespace lastcall::config
