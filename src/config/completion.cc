#include "config/completion.h"

#include <vector>

namespace lastcall::config {
namespace {

template <class Visit>
void for_each_option(const CompletedCommand& command, const Visit& visit) {
  for (const Table* const table : command.tables) {
    for_each_option(*table, visit);
  }
}

bool is_file(const Option& option) {
  return option.value == "FILE" || option.value == "PATH" || option.value == "DIR";
}

/// The first sentence of the help: what fits beside a flag.
std::string summary(const Option& option) {
  const std::size_t end = option.help.find_first_of(".;:");
  return std::string(option.help.substr(0, end));
}

/// Each of `marks` with `escape` before it.
std::string escaped(std::string_view text, std::string_view marks, std::string_view escape) {
  std::string out;
  for (const char c : text) {
    out.append(marks.find(c) == std::string_view::npos ? "" : escape).append(1, c);
  }
  return out;
}

std::string names(std::span<const CompletedCommand> commands) {
  std::string list;
  for (const CompletedCommand& command : commands) {
    list.append(list.empty() ? "" : " ").append(command.name);
  }
  return list;
}

std::string flags(const CompletedCommand& command) {
  std::string list = "--help";
  for_each_option(command, [&list](const Option& option) { list.append(" --").append(option.flag); });
  return list;
}

// After -- the words are another command's: files do. So are they after a flag that takes a value.
constexpr std::string_view kBashHead =
    R"(# bash completion for lastcall: source <(lastcall completion bash)
_lastcall() {
  local word=${COMP_WORDS[COMP_CWORD]} at flags=
  COMPREPLY=()
  for ((at = 1; at < COMP_CWORD; at++)); do
    [[ ${COMP_WORDS[at]} == -- ]] && return
  done
)";

std::string for_bash(std::span<const CompletedCommand> commands) {
  std::string script(kBashHead);
  script += "  if ((COMP_CWORD == 1)); then\n    COMPREPLY=($(compgen -W '" + names(commands) +
            "' -- \"$word\"))\n    return\n  fi\n  case ${COMP_WORDS[1]} in\n";
  for (const CompletedCommand& command : commands) {
    script.append("    ").append(command.name).append(") flags='").append(flags(command)).append("' ;;\n");
  }
  return script +
         "  esac\n  [[ $word == -* ]] && COMPREPLY=($(compgen -W \"$flags\" -- \"$word\"))\n}\n"
         "complete -o default -F _lastcall lastcall\n";
}

std::string zsh_option(const Option& option) {
  // In single quotes; brackets end the help, and a colon the value's name.
  const std::string help = escaped(escaped(summary(option), "[]:", "\\"), "'", "'\\'");
  std::string spec = "'" + std::string(option.repeatable ? "*" : "") + "--" + std::string(option.flag);
  if (option.is_switch()) {
    return spec + "[" + help + "]'";
  }
  return spec + "=[" + help + "]:" + std::string(option.value) + ":" + (is_file(option) ? "_files" : "") +
         "'";
}

std::string for_zsh(std::span<const CompletedCommand> commands) {
  std::string script =
      "#compdef lastcall\n# zsh completion for lastcall: source <(lastcall completion zsh)\n_lastcall() {\n"
      "  if ((CURRENT == 2)); then\n    local -a commands=(\n";
  for (const CompletedCommand& command : commands) {
    script.append("      '").append(command.name).append(":").append(command.summary).append("'\n");
  }
  script += "    )\n    _describe command commands\n    return\n  fi\n  case $words[2] in\n";
  for (const CompletedCommand& command : commands) {
    script.append("    ").append(command.name).append(")\n      shift words; ((CURRENT--))\n");
    script += "      _arguments -S '--help[Say what it does]' \\\n";
    for_each_option(command, [&script](const Option& option) {
      script.append("        ").append(zsh_option(option)).append(" \\\n");
    });
    script += "        '*::command:_normal' ;;\n";
  }
  return script + "  esac\n}\ncompdef _lastcall lastcall\n";
}

std::string fish_option(std::string_view command, const Option& option) {
  std::string line = "complete -c lastcall -n '__fish_seen_subcommand_from " + std::string(command) +
                     "' -l " + std::string(option.flag);
  if (!option.is_switch()) {
    line += is_file(option) ? " -rF" : " -x";
  }
  return line + " -d '" + escaped(summary(option), "'\\", "\\") + "'\n";
}

std::string for_fish(std::span<const CompletedCommand> commands) {
  std::string script = "# fish completion for lastcall: lastcall completion fish | source\n";
  for (const CompletedCommand& command : commands) {
    script.append("complete -c lastcall -n __fish_use_subcommand -f -a ").append(command.name);
    script.append(" -d '").append(escaped(command.summary, "'\\", "\\")).append("'\n");
    for_each_option(command, [&](const Option& option) { script += fish_option(command.name, option); });
  }
  return script;
}

}  // namespace

Result<std::string> completion_script(std::string_view shell, std::span<const CompletedCommand> commands) {
  if (shell == "bash") {
    return for_bash(commands);
  }
  if (shell == "zsh") {
    return for_zsh(commands);
  }
  if (shell == "fish") {
    return for_fish(commands);
  }
  return failure(
      shell.empty() ? "for which shell?" : "there is no completion for '" + std::string(shell) + "'",
      "lastcall completion bash|zsh|fish", 2);
}

}  // namespace lastcall::config
