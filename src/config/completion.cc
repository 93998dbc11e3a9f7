#include "config/completion.h"

#include <algorithm>

#include "config/command_list.h"

namespace lastcall::config {
namespace {

template <class Visit>
void for_each_option(const Command& command, const Visit& visit) {
  for (const Table* const table : command.tables) {
    for_each_option(*table, visit);
  }
}

/// A health path is one of a URL.
bool is_file(const Option& option) {
  return (option.value == "FILE" || option.value == "PATH" || option.value == "DIR") &&
         option.flag != "health-path";
}

/// The first sentence of a help: what fits beside a flag.
std::string summary(std::string_view help) {
  help = help.substr(0, help.find("; "));
  const std::string_view first = help.substr(0, help.find(". "));
  return std::string(first.substr(0, first.size() - (first.ends_with('.') ? 1 : 0)));
}

/// Each of `marks` with `escape` before it.
std::string escaped(std::string_view text, std::string_view marks, std::string_view escape) {
  std::string out;
  for (const char c : text) {
    out.append(marks.find(c) == std::string_view::npos ? "" : escape).append(1, c);
  }
  return out;
}

std::string names() {
  std::string list;
  for (const Command& command : commands()) {
    list.append(list.empty() ? "" : " ").append(command.name);
  }
  return list;
}

std::string flags(const Command& command) {
  std::string list = "--help";
  for_each_option(command, [&list](const Option& option) { list.append(" --").append(option.flag); });
  for (const Flag& flag : command.flags) {
    list.append(" ").append(flag.name);
  }
  return list;
}

/// "help" is followed by any of the commands, "explain" by any of the clauses.
std::string operands(const Command& command, std::string_view clauses) {
  if (command.name == "help") {
    return names();
  }
  return std::string(command.name == "explain" ? clauses : command.operands);
}

// After -- the words are another command's: files do. So are they after a flag that takes a value.
constexpr std::string_view kBashHead =
    R"(# bash completion for lastcall: source <(lastcall completion bash)
_lastcall() {
  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} at flags= operands= values=
  COMPREPLY=()
  # Bash parts --flag=value at the sign.
  if [[ $word == = ]]; then
    word=
  elif [[ $before == = ]]; then
    before=${COMP_WORDS[COMP_CWORD - 2]}
  fi
  for ((at = 1; at < COMP_CWORD; at++)); do
    [[ ${COMP_WORDS[at]} == -- ]] && return
  done
)";

constexpr std::string_view kBashTail =
    R"(  esac
  if [[ $values && " $flags " == *" $before "* ]]; then
    COMPREPLY=($(compgen -W "$values" -- "$word"))
  elif [[ $word == -* ]]; then
    COMPREPLY=($(compgen -W "$flags" -- "$word"))
  elif ((COMP_CWORD == 2)) && [[ $operands ]]; then
    COMPREPLY=($(compgen -W "$operands" -- "$word"))
  fi
}
complete -o default -F _lastcall lastcall
)";

std::string for_bash(std::string_view clauses) {
  std::string script(kBashHead);
  script += "  if ((COMP_CWORD == 1)); then\n    COMPREPLY=($(compgen -W '" + names() +
            "' -- \"$word\"))\n    return\n  fi\n  case ${COMP_WORDS[1]} in\n";
  for (const Command& command : commands()) {
    script.append("    ").append(command.name).append(") flags='").append(flags(command));
    script.append("' operands='").append(operands(command, clauses)).append("' ;;\n");
  }
  script += "  esac\n  case $before in\n";
  for (const Table* const table : {&run_table(), &check_table(), &manifest_table()}) {
    for_each_option(*table, [&script](const Option& option) {
      if (!option.words.empty()) {
        script.append("    --")
            .append(option.flag)
            .append(") values='")
            .append(option.words)
            .append("' ;;\n");
      }
    });
  }
  return script.append(kBashTail);
}

/// In single quotes; brackets end the help, and a colon the value's name.
std::string zsh_help(std::string_view help) {
  return escaped(escaped(summary(help), "[]:", "\\"), "'", "'\\'");
}

std::string zsh_flag(const Flag& flag) {
  const std::string value = flag.takes_file() ? ":" + std::string(flag.value) + ":_files" : "";
  return "'" + std::string(flag.name) + (value.empty() ? "" : "=") + "[" + zsh_help(flag.help) + "]" + value +
         "'";
}

std::string zsh_option(const Option& option) {
  const std::string help = zsh_help(option.help);
  std::string spec = "'" + std::string(option.repeatable ? "*" : "") + "--" + std::string(option.flag);
  if (option.is_switch()) {
    return spec + "[" + help + "]'";
  }
  const std::string_view words = option.words;
  const std::string values =
      words.empty() ? (is_file(option) ? "_files" : "") : "(" + std::string(words) + ")";
  return spec + "=[" + help + "]:" + std::string(option.value) + ":" + values + "'";
}

std::string for_zsh(std::string_view clauses) {
  std::string script =
      "#compdef lastcall\n# zsh completion for lastcall: source <(lastcall completion zsh)\n_lastcall() {\n"
      "  if ((CURRENT == 2)); then\n    local -a commands=(\n";
  for (const Command& command : commands()) {
    script.append("      '").append(command.name).append(":").append(command.summary).append("'\n");
  }
  script += "    )\n    _describe command commands\n    return\n  fi\n  case $words[2] in\n";
  for (const Command& command : commands()) {
    script.append("    ").append(command.name).append(")\n      shift words; ((CURRENT--))\n");
    script += "      _arguments -S '--help[Say what it does]' \\\n";
    for_each_option(command, [&script](const Option& option) {
      script.append("        ").append(zsh_option(option)).append(" \\\n");
    });
    for (const Flag& flag : command.flags) {
      script.append("        ").append(zsh_flag(flag)).append(" \\\n");
    }
    if (const std::string first = operands(command, clauses); !first.empty()) {
      script.append("        '1:what:(").append(first).append(")' \\\n");
    }
    script += "        '*::command:_normal' ;;\n";
  }
  return script + "  esac\n}\ncompdef _lastcall lastcall\n";
}

std::string fish_help(std::string_view help) {
  return " -d '" + escaped(summary(help), "'\\", "\\") + "'\n";
}

/// For lines that hold one of `commands`.
std::string fish_line(const std::string& commands) {
  return "complete -c lastcall -n '__fish_seen_subcommand_from " + commands + "'";
}

std::string fish_option(const std::string& commands, const Option& option) {
  std::string line = fish_line(commands) + " -l " + std::string(option.flag);
  if (const std::string_view words = option.words; !words.empty()) {
    line.append(" -xa '").append(words).append("'");
  } else if (!option.is_switch()) {
    line += is_file(option) ? " -rF" : " -x";
  }
  return line + fish_help(option.help);
}

/// What stands in no table.
std::string fish_words(const Command& command, const std::string& operands) {
  const std::string start = fish_line(std::string(command.name));
  std::string lines = operands.empty() ? "" : start + " -fa '" + operands + "'\n";
  for (const Flag& flag : command.flags) {
    lines.append(start).append(" -l ").append(flag.name.substr(2)).append(flag.takes_file() ? " -rF" : "");
    lines += fish_help(flag.help);
  }
  return lines;
}

/// Those that take the options of `table`.
std::string commands_with(const Table& table) {
  std::string list;
  for (const Command& command : commands()) {
    if (std::ranges::find(command.tables, &table) != command.tables.end()) {
      list.append(list.empty() ? "" : " ").append(command.name);
    }
  }
  return list;
}

std::string for_fish(std::string_view clauses) {
  std::string script = "# fish completion for lastcall: lastcall completion fish | source\n";
  for (const Command& command : commands()) {
    script.append("complete -c lastcall -n __fish_use_subcommand -f -a ").append(command.name);
    script.append(" -d '").append(escaped(command.summary, "'\\", "\\")).append("'\n");
    script += fish_words(command, operands(command, clauses));
  }
  script += fish_line(names()) + " -l help" + fish_help("Say what it does.");
  for (const Table* const table : {&run_table(), &check_table(), &manifest_table()}) {
    const std::string list = commands_with(*table);
    for_each_option(*table, [&](const Option& option) { script += fish_option(list, option); });
  }
  return script;
}

}  // namespace

Result<std::string> completion_script(std::string_view shell, std::string_view clauses) {
  if (shell == "bash") {
    return for_bash(clauses);
  }
  if (shell == "zsh") {
    return for_zsh(clauses);
  }
  if (shell == "fish") {
    return for_fish(clauses);
  }
  return failure(
      shell.empty() ? "for which shell?" : "there is no completion for '" + std::string(shell) + "'",
      "lastcall completion bash|zsh|fish", 2);
}

}  // namespace lastcall::config
