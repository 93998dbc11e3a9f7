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
  const config::Table* const run[] = {&config::run_table()};
  const config::Table* const check[] = {&config::check_table()};
  const config::Table* const manifest[] = {&config::manifest_table(), &config::run_table()};
  const config::CompletedCommand commands[] = {
      {.name = "run", .summary = "wrap an HTTP app", .tables = run},
      {.name = "status", .summary = "what a running one has in flight", .flags = "--json --control="},
      {.name = "drain", .summary = "out of rotation, and back", .flags = "--undo --wait --control="},
      {.name = "config", .summary = "every effective setting and its source", .tables = run},
      {.name = "check", .summary = "prove whether a server shuts down gracefully", .tables = check},
      {.name = "demo", .summary = "what clients see when an app stops"},
      {.name = "explain", .summary = "the clauses of the drain contract"},
      {.name = "report", .summary = "a drain report, told or drawn", .flags = "--html"},
      {.name = "manifest",
       .summary = "what a platform is given to run an app",
       .tables = manifest,
       .operands = "kubernetes systemd docker"},
      {.name = "completion", .summary = "a script for bash, zsh or fish", .operands = "bash zsh fish"},
      {.name = "help", .summary = "what a command does"},
  };
  const auto script = config::completion_script(shell, commands);
  return script ? print(*script) : complain(script.error());
}

}  // namespace lastcall
