// lastcall: the command. Wires the sub-commands to their names, and nothing else.
#include <algorithm>
#include <string>
#include <vector>

#include "commands.h"
#include "config/suggest.h"
#include "surroundings.h"
#include "sys/sys.h"

namespace lastcall {
namespace {

constexpr std::string_view kOverview =
    "lastcall: any service stops without dropping a request.\n"
    "\n"
    "  lastcall run [options] -- COMMAND…     wrap an HTTP app: proxy in front, drain first, then stop the "
    "app\n"
    "  lastcall status                        what a running one has in flight, by route\n"
    "  lastcall drain [--wait] [--undo]       out of the balancer's rotation, without stopping; and back\n"
    "  lastcall config [options]              every effective setting and where it came from\n"
    "  lastcall check [options] -- COMMAND…   prove whether a server shuts down gracefully\n"
    "  lastcall demo [-- COMMAND…]            what clients see when an app stops, with lastcall and without\n"
    "  lastcall explain [LCID]                what a clause of the drain contract promises, and how to keep "
    "it\n"
    "  lastcall report FILE [--html [OUT]]    a drain report of `run`, told or drawn as a page\n"
    "  lastcall manifest PLATFORM -- COMMAND… what Kubernetes, systemd or Docker is given to run it\n"
    "\n"
    "  lastcall help COMMAND                  all its options, with examples\n"
    "  lastcall completion bash|zsh|fish      a script that completes all this in a shell\n"
    "  lastcall --version\n";

struct Command {
  std::string_view name;
  int (*run)(std::span<const std::string> words);
};

constexpr Command kCommands[] = {{"run", run_command},           {"status", status_command},
                                 {"drain", drain_command},       {"config", config_command},
                                 {"check", check_command},       {"demo", demo_command},
                                 {"explain", explain_command},   {"report", report_command},
                                 {"manifest", manifest_command}, {"completion", completion_command}};

Error unknown_command(const std::string& name) {
  std::string commands;
  std::vector<std::string> known = {"help", "version", "--help", "--version"};
  for (const Command& command : kCommands) {
    commands.append(commands.empty() ? "" : ", ").append(command.name);
    known.emplace_back(command.name);
  }
  if (const std::string meant = config::nearest(name, known); !meant.empty()) {
    return {.what = "there is no command '" + name + "'",
            .fix = "did you mean lastcall " + meant + "?",
            .exit_status = 2};
  }
  return {.what = "there is no command '" + name + "'",
          .fix = "the commands are " + commands + "; to wrap an app: lastcall run -- " + name + " …",
          .exit_status = 2};
}

int dispatch(const std::vector<std::string>& words) {
  if (words.empty()) {
    sys::write_all(2, kOverview);
    return 2;
  }
  const std::string& name = words.front();
  if (name == "help" && words.size() > 1) {
    return dispatch({words[1], "--help"});
  }
  if (name == "--help" || name == "-h" || name == "help") {
    return print(std::string(kOverview));
  }
  if (name == "--version" || name == "version") {
    return print("lastcall " LASTCALL_VERSION "\n");
  }
  const auto* const command = std::find_if(std::begin(kCommands), std::end(kCommands),
                                           [&](const Command& candidate) { return candidate.name == name; });
  if (command == std::end(kCommands)) {
    return complain(unknown_command(name));
  }
  return command->run(std::span(words).subspan(1));
}

}  // namespace
}  // namespace lastcall

int main(int argc, char** argv) {
  lastcall::sys::block_signals();
  lastcall::sys::open_standard_descriptors();
  return lastcall::dispatch(std::vector<std::string>(argv + std::min(argc, 1), argv + argc));
}
