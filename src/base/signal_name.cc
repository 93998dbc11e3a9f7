#include "base/signal_name.h"

#include <algorithm>
#include <cctype>
#include <csignal>

#include "base/units.h"

namespace lastcall {
namespace {

struct Name {
  std::string_view name;
  int number;
};

constexpr Name kNames[] = {
    {"HUP", SIGHUP},   {"INT", SIGINT},     {"QUIT", SIGQUIT}, {"ILL", SIGILL},   {"TRAP", SIGTRAP},
    {"ABRT", SIGABRT}, {"BUS", SIGBUS},     {"FPE", SIGFPE},   {"KILL", SIGKILL}, {"USR1", SIGUSR1},
    {"SEGV", SIGSEGV}, {"USR2", SIGUSR2},   {"PIPE", SIGPIPE}, {"ALRM", SIGALRM}, {"TERM", SIGTERM},
    {"CHLD", SIGCHLD}, {"CONT", SIGCONT},   {"STOP", SIGSTOP}, {"TSTP", SIGTSTP}, {"TTIN", SIGTTIN},
    {"TTOU", SIGTTOU}, {"WINCH", SIGWINCH}, {"SYS", SIGSYS},   {"XCPU", SIGXCPU},
};

constexpr std::uint64_t kLastSignal = 64;

std::string upper_case(std::string_view text) {
  std::string upper(text);
  std::ranges::transform(upper, upper.begin(),
                         [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return upper;
}

}  // namespace

Result<int> parse_signal(std::string_view text) {
  if (const auto number = parse_count(text, 1, kLastSignal)) {
    return static_cast<int>(*number);
  }
  const std::string upper = upper_case(text);
  std::string_view wanted = upper;
  if (wanted.starts_with("SIG")) {
    wanted.remove_prefix(3);
  }
  const auto* found = std::ranges::find(kNames, wanted, &Name::name);
  if (found == std::end(kNames)) {
    return failure("'" + std::string(text) + "' is not a signal", "write TERM, SIGTERM or 15", 2);
  }
  return found->number;
}

std::string signal_name(int signal) {
  const auto* found = std::ranges::find(kNames, signal, &Name::number);
  if (found == std::end(kNames)) {
    return "signal " + std::to_string(signal);
  }
  return "SIG" + std::string(found->name);
}

}  // namespace lastcall
