// `lastcall status`: what a running `lastcall run` has in flight, by route, and how its shutdown goes.
#include "commands.h"
#include "control_client.h"
#include "control_socket.h"
#include "surroundings.h"

namespace lastcall {
namespace {

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
    return print_help("status");
  }
  const auto text = ask(*read);
  return text ? print(*text) : complain(text.error());
}

}  // namespace lastcall
