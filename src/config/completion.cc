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

/// The first sentence of the help: what fits beside a flag.
std::string summary(const Option& option) {
  const std::string_view help = option.help.substr(0, option.help.find("; "));
  const std::string_view first = help.substr(0, help.find(". "));
  return std::string(first.substr(0, first.size() - (first.ends_with('.') ? 1 : 0)));
}

/// Calls `visit(flag, takes_file)` for each of the flags without a table, without their dashes.
template <class Visit>
void for_each_flag(std::string_view flags, const Visit& visit) {
  while (!flags.empty()) {
    std::string_view flag = flags.substr(0, flags.find(' '));
    flags.remove_prefix(std::min(flag.size() + 1, flags.size()));
    const bool takes_file = flag.ends_with('=');
    flag.remove_suffix(takes_file ? 1 : 0);
    visit(flag.substr(2), takes_file);
  }
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
  for_each_flag(command.flags, [&list](std::string_view flag, bool) { list.append(" --").append(flag); });
  return list;
}

/// "help" is followed by any of the commands.
std::string operands(const Command& command) {
  return command.name == "help" ? names() : std::string(command.operands);
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

std::string for_bash() {
  std::string script(kBashHead);
  script += "  if ((COMP_CWORD == 1)); then\n    COMPREPLY=($(compgen -W '" + names() +
            "' -- \"$word\"))\n    return\n  fi\n  case ${COMP_WORDS[1]} in\n";
  for (const Command& command : commands()) {
    script.append("    ").append(command.name).append(") flags='").append(flags(command));
    script.append("' operands='").append(operands(command)).append("' ;;\n");
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

std::string zsh_option(const Option& option) {
  // In single quotes; brackets end the help, and a colon the value's name.
  const std::string help = escaped(escaped(summary(option), "[]:", "\\"), "'", "'\\'");
  std::string spec = "'" + std::string(option.repeatable ? "*" : "") + "--" + std::string(option.flag);
  if (option.is_switch()) {
    return spec + "[" + help + "]'";
  }
  const std::string_view words = option.words;
  const std::string values =
      words.empty() ? (is_file(option) ? "_files" : "") : "(" + std::string(words) + ")";
  return spec + "=[" + help + "]:" + std::string(option.value) + ":" + values + "'";
}

std::string for_zsh() {
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
    for_each_flag(command.flags, [&script](std::string_view flag, bool takes_file) {
      script.append("        '--").append(flag).append(takes_file ? "=:file:_files' \\\n" : "' \\\n");
    });
    if (const std::string first = operands(command); !first.empty()) {
      script.append("        '1:what:(").append(first).append(")' \\\n");
    }
    script += "        '*::command:_normal' ;;\n";
  }
  return script + "  esac\n}\ncompdef _lastcall lastcall\n";
}

std::string fish_option(std::string_view command, const Option& option) {
  std::string line = "complete -c lastcall -n '__fish_seen_subcommand_from " + std::string(command) +
                     "' -l " + std::string(option.flag);
  if (const std::string_view words = option.words; !words.empty()) {
    line.append(" -xa '").append(words).append("'");
  } else if (!option.is_switch()) {
    line += is_file(option) ? " -rF" : " -x";
  }
  return line + " -d '" + escaped(summary(option), "'\\", "\\") + "'\n";
}

/// What stands in no table.
std::string fish_words(const Command& command, const std::string& operands) {
  const std::string start =
      "complete -c lastcall -n '__fish_seen_subcommand_from " + std::string(command.name) + "'";
  std::string lines = operands.empty() ? "" : start + " -fa '" + operands + "'\n";
  for_each_flag(command.flags, [&](std::string_view flag, bool takes_file) {
    lines.append(start).append(" -l ").append(flag).append(takes_file ? " -rF\n" : "\n");
  });
  return lines;
}

std::string for_fish() {
  std::string script = "# fish completion for lastcall: lastcall completion fish | source\n";
  for (const Command& command : commands()) {
    script.append("complete -c lastcall -n __fish_use_subcommand -f -a ").append(command.name);
    script.append(" -d '").append(escaped(command.summary, "'\\", "\\")).append("'\n");
    for_each_option(command, [&](const Option& option) { script += fish_option(command.name, option); });
    script += fish_words(command, operands(command));
  }
  return script;
}

}  // namespace

Result<std::string> completion_script(std::string_view shell) {
  if (shell == "bash") {
    return for_bash();
  }
  if (shell == "zsh") {
    return for_zsh();
  }
  if (shell == "fish") {
    return for_fish();
  }
  return failure(
      shell.empty() ? "for which shell?" : "there is no completion for '" + std::string(shell) + "'",
      "lastcall completion bash|zsh|fish", 2);
}

}  // namespace lastcall::config
