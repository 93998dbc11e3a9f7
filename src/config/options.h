// The option tables, one for each sub-command: the one list of what can be set. Flags, environment, --help,
// the pages under docs/ and `lastcall config` are loops over it. It knows neither how a command line is
// parsed (config/arguments.h) nor which source wins (config/resolve.h).
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "base/result.h"
#include "config/check_config.h"
#include "config/manifest_config.h"
#include "config/run_config.h"

namespace lastcall::config {

/// Reads `text` into its field. Error: status 2, without the name of the option.
template <class Config>
using SetterOf = Result<void> (*)(Config& config, std::string_view text);

/// Those of one table are all of one kind.
using Setter = std::variant<SetterOf<RunConfig>, SetterOf<CheckConfig>, SetterOf<ManifestConfig>>;

/// An environment variable of another tool that is understood too. `before` and `after` turn it into the
/// option's own syntax: HTTP_DRAIN_TIMEOUT=20 into 20s. With a `unit` it is a bare number, with `when_true`
/// true or false.
struct Alias {
  std::string_view name;
  Compat of = Compat::none;  ///< whose it is, if its name is too common to be always heeded
  std::string_view
      standard{};           ///< what that tool does without it, in the option's own syntax; empty: as we do
  std::string_view unit{};  ///< what the bare number counts, in words
  std::string_view before{};
  std::string_view after{};
  std::string_view when_true{};
  std::string_view when_false{};

  [[nodiscard]] bool is_bare_number() const { return !unit.empty(); }

  [[nodiscard]] bool is_truth() const { return !when_true.empty(); }
};

struct Option {
  std::string_view flag;         ///< without the dashes
  std::string_view value{};      ///< placeholder of its value; empty: a switch
  std::string_view standard{};   ///< the default, in the option's own syntax; empty: nothing is set
  std::string_view otherwise{};  ///< in words, what holds when nothing is set
  std::string_view help;
  Setter set;
  std::span<const Alias> aliases{};  ///< the first that is set wins
  std::string_view words{};          ///< where that is a few words, what it can be told: "auto text json"
  bool repeatable = false;           ///< may stand more than once; comma-separated in the environment
  bool in_file = true;               ///< a settings file may hold it

  [[nodiscard]] bool is_switch() const { return value.empty(); }

  /// Its value is on or off, also where the flag alone does not mean on.
  [[nodiscard]] bool takes_switch() const { return is_switch() || value == "on|off"; }

  /// "LASTCALL_APP_PORT"
  [[nodiscard]] std::string environment_name() const;
};

struct Group {
  std::string_view title;
  std::span<const Option> options;
};

/// All that one sub-command can be told, and the words around it.
struct Table {
  std::string_view command;       ///< "run"
  std::string_view introduction;  ///< of --help: what it is for, usage, examples
  std::string_view ending;        ///< of --help, in paragraphs
  std::string_view source;        ///< the file, or files, that hold its rows
  std::string_view note;          ///< of its page under docs/, after the title
  std::string_view example;       ///< a whole command line
  bool environment;               ///< each option has its LASTCALL_* variable too
  std::span<const Group> groups;
};

[[nodiscard]] const Table& run_table();
[[nodiscard]] const Table& check_table();
[[nodiscard]] const Table& manifest_table();

/// Null if there is none of that name.
[[nodiscard]] const Option* find_option(const Table& table, std::string_view flag);

/// One that stands in the table.
[[nodiscard]] const Option& option_called(const Table& table, std::string_view flag);

/// Calls `visit(option)` for every option, in the order of the table.
template <class Visit>
void for_each_option(const Table& table, const Visit& visit) {
  for (const Group& group : table.groups) {
    for (const Option& option : group.options) {
      visit(option);
    }
  }
}

}  // namespace lastcall::config
