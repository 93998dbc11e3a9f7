#include "config/arguments.h"

#include <algorithm>

#include <CLI/CLI.hpp>

#include "config/options.h"
#include "config/setters.h"
#include "config/spelling.h"
#include "config/suggest.h"

namespace lastcall::config {
namespace {

constexpr std::string_view kDashes = "--";
constexpr std::string_view kNegation = "--no-";

std::string see_help(const Table& table) {
  return "lastcall " + std::string(table.command) + " --help lists them all";
}

/// Null if `word` is no flag of the table.
const Option* option_named(const Table& table, std::string_view word) {
  return word.starts_with(kDashes) ? find_option(table, word.substr(kDashes.size())) : nullptr;
}

Failure unknown_option(const Table& table, std::string_view word, std::span<const std::string> beside) {
  const std::string_view name = word.substr(0, word.find('='));
  const std::string what = "unknown option " + std::string(name);
  const Option* const negated =
      name.starts_with(kNegation) ? find_option(table, name.substr(kNegation.size())) : nullptr;
  if (negated != nullptr && negated->takes_switch()) {
    return failure(what, "write it as --" + std::string(negated->flag) + "=off", 2);
  }
  std::vector<std::string> known = {"--help", "--version"};
  for_each_option(table,
                  [&known](const Option& option) { known.push_back("--" + std::string(option.flag)); });
  known.insert(known.end(), beside.begin(), beside.end());
  const std::string meant = nearest(name, known);
  return failure(what, meant.empty() ? see_help(table) : "did you mean " + meant + "?", 2);
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
                 "write it as " + std::string(flag) + " " + value_like(*option, ""), 2);
}

/// How the words before `word` would take it in: a switch has its value behind an equals sign, and a duration
/// or a size is one word. Empty if they would not.
std::string taken_in(const Table& table, std::string_view word, std::span<const std::string> before) {
  if (before.empty()) {
    return {};
  }
  const Option* const last = option_named(table, before.back());
  if (last != nullptr && last->is_switch() && parse_switch(word)) {
    return before.back() + "=" + std::string(word);
  }
  const Option* const option = before.size() > 1 ? option_named(table, before[before.size() - 2]) : nullptr;
  const ValueKind kind = option == nullptr ? ValueKind::text : value_kind(*option);
  const std::string joined = before.back() + std::string(word);
  const bool has_unit = kind == ValueKind::duration || kind == ValueKind::size;
  return has_unit && takes(*option, joined) ? "--" + std::string(option->flag) + " " + joined : "";
}

Failure misplaced(const Table& table, std::string_view word, std::span<const std::string> words) {
  const auto at = std::ranges::find(words, word);
  const std::string what = "unexpected argument '" + std::string(word) + "'";
  if (const std::string meant = taken_in(table, word, {words.begin(), at}); !meant.empty()) {
    return failure(what, "write it as " + meant, 2);
  }
  if (std::find(at, words.end(), kDashes) != words.end()) {
    return failure(what, "leave it out, or put it behind -- if it belongs to the command", 2);
  }
  std::string command;
  std::for_each(at, words.end(), [&command](const std::string& part) { command += " " + part; });
  return failure(
      what,
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

Result<Arguments> parse_arguments(const Table& table, std::span<const std::string> words,
                                  std::span<const std::string> beside) {
  const auto separator = std::ranges::find(words, kDashes);
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
    return first.starts_with('-') ? unknown_option(table, first, beside) : misplaced(table, first, words);
  }
  std::erase_if(arguments.given, [](const auto& entry) { return entry.second.empty(); });
  return arguments;
}

Failure missing_command(const Table& table) {
  return failure("there is no command to run", "put it after --, for example: " + std::string(table.example),
                 2);
}

}  // namespace lastcall::config
