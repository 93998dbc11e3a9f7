#include "config/command_list.h"

namespace lastcall::config {

std::span<const Command> commands() {
  static const Table* const kRun[] = {&run_table()};
  static const Table* const kCheck[] = {&check_table()};
  static const Table* const kManifest[] = {&manifest_table(), &run_table()};
  static const Command kCommands[] = {
      {.name = "run", .summary = "wrap an HTTP app", .tables = kRun},
      {.name = "status", .summary = "what a running one has in flight", .flags = "--json --control="},
      {.name = "drain", .summary = "out of rotation, and back", .flags = "--undo --wait --control="},
      {.name = "config", .summary = "every effective setting and its source", .tables = kRun},
      {.name = "check", .summary = "prove whether a server shuts down gracefully", .tables = kCheck},
      {.name = "demo", .summary = "what clients see when an app stops", .flags = "--app"},
      {.name = "explain", .summary = "the clauses of the drain contract"},
      {.name = "report", .summary = "a drain report, told or drawn", .flags = "--html"},
      {.name = "manifest",
       .summary = "what a platform is given to run an app",
       .tables = kManifest,
       .operands = "kubernetes systemd docker"},
      {.name = "completion", .summary = "a script for bash, zsh or fish", .operands = "bash zsh fish"},
      {.name = "help", .summary = "what a command does"},
  };
  return kCommands;
}

}  // namespace lastcall::config
