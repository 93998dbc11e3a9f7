#include "commands.h"
#include "config/help.h"
#include "surroundings.h"
#include "sys/sys.h"

namespace lastcall {

int config_command(std::span<const std::string> words) {
  const auto line = read_command_line(words);
  if (!line) {
    return complain(line.error());
  }
  for (const std::string& warning : line->resolved.warnings) {
    sys::write_all(2, "lastcall: " + warning + "\n");
  }
  return print(config::describe(line->resolved));
}

}  // namespace lastcall
