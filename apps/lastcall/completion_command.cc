// `lastcall completion`: what a shell needs to complete this command.
#include "commands.h"
#include "config/completion.h"
#include "surroundings.h"

namespace lastcall {
namespace {

constexpr std::string_view kHelp =
    "Usage: lastcall completion bash|zsh|fish\n"
    "\n"
    "Prints a script that completes lastcall's commands and options. To have it in every shell, add a line\n"
    "\n"
    "  source <(lastcall completion bash)       to ~/.bashrc\n"
    "  source <(lastcall completion zsh)        to ~/.zshrc, after compinit\n"
    "  lastcall completion fish | source        to ~/.config/fish/config.fish\n"
    "\n"
    "Exit status: 0, or 2 for another shell.\n";

}  // namespace

int completion_command(std::span<const std::string> words) {
  const std::string shell = words.empty() ? "" : words.front();
  if (shell == "--help" || shell == "-h") {
    return print(std::string(kHelp));
  }
  const auto script = config::completion_script(shell);
  return script ? print(*script) : complain(script.error());
}

}  // namespace lastcall
