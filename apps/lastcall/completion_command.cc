// `lastcall completion`: what a shell needs to complete this command.
#include "commands.h"
#include "config/completion.h"
#include "judge/clause.h"
#include "surroundings.h"

namespace lastcall {
namespace {

std::string clause_ids() {
  std::string ids;
  for (const judge::Clause& clause : judge::clauses()) {
    ids.append(ids.empty() ? "" : " ").append(clause.id);
  }
  return ids;
}

}  // namespace

int completion_command(std::span<const std::string> words) {
  const std::string shell = words.empty() ? "" : words.front();
  if (shell == "--help" || shell == "-h") {
    return print_help("completion");
  }
  const auto script = config::completion_script(shell, clause_ids());
  return script ? print(*script) : complain(script.error());
}

}  // namespace lastcall
