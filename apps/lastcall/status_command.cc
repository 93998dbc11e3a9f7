// `lastcall status`: what a running `lastcall run` has in flight, by route, and how its shutdown goes.
#include "commands.h"
#include "control_client.h"
#include "control_socket.h"
#include "surroundings.h"

namespace lastcall {
namespace {

constexpr std::string_view kHelp =
    "Usage: lastcall status [--json] [--control PATH]\n"
    "\n"
    "Tells what a running `lastcall run` has in flight: by route, without query strings, who waits for what, "
    "for how\n"
    "long, and how many bytes went; and during a shutdown the time left.\n"
    "\n"
    "  --json           the same as JSON, each exchange by itself, the 1000 oldest\n"
    "  --control PATH   the socket of the one that is meant, if several run (LASTCALL_CONTROL)\n"
    "\n"
    "Exit status: 0 told; 2 usage, or several run; 125 none answers.\n";

constexpr std::string_view kFlags[] = {"--json"};

Result<std::string> ask(const ControlWords& words) {
  const auto address = find_control(words.socket);
  if (!address) {
    return tl::unexpected(address.error());
  }
  const auto answer =
      ControlClient(*address).ask("GET", "/status", words.has("--json") ? "application/json" : "text/plain");
  return answer.map([](const ControlAnswer& said) { return said.body; });
}

}  // namespace

int status_command(std::span<const std::string> words) {
  const auto read = read_control_words(words, kFlags);
  if (!read) {
    return complain(read.error());
  }
  if (read->help) {
    return print(std::string(kHelp));
  }
  const auto text = ask(*read);
  return text ? print(*text) : complain(text.error());
}

}  // namespace lastcall
