// Signals, child processes and the terminal, of which there is none: the calls of sys/sys.h.
#include "sim/kernel/kernel.h"

namespace lastcall::sys {

using sim::kernel;
using sim::LinkFile;
using sim::Processes;
using sim::SignalFile;

int signal_fd_create() {
  return kernel().open(kernel().processes().signals());
}

std::optional<Signal> next_signal(int signal_fd) {
  const auto signals = kernel().file_as<SignalFile>(signal_fd);
  return signals != nullptr ? signals->take() : std::nullopt;
}

Result<Spawned> spawn(const SpawnRequest&) {
  Spawned spawned{.pid = Processes::kApp, .keeper = Processes::kKeeper, .link = {}};
  spawned.link.reset(kernel().open(kernel().processes().spawn()));
  return spawned;
}

std::optional<KeeperNews> keeper_news(const Spawned& child) {
  const auto link = kernel().file_as<LinkFile>(child.link.get());
  return link != nullptr ? link->take() : std::nullopt;
}

void release(const Spawned&) {
  kernel().trace("releases the keeper");
  kernel().processes().release();
}

void become_subreaper() {}

std::optional<Reaped> reap() {
  return kernel().processes().reap();
}

void reap_process(pid_t) {
  kernel().processes().reap_keeper();
}

pid_t own_pid() {
  return Processes::kOurs;
}

int signal_process(pid_t pid, int signal) {
  kernel().trace("signals process {} with {}", pid, signal);
  return kernel().processes().signal(pid, signal);
}

int signal_group(pid_t leader, int signal) {
  kernel().trace("signals group {} with {}", leader, signal);
  return kernel().processes().signal_group(leader, signal);
}

int group_members(pid_t) {
  return kernel().processes().group_members();
}

bool is_ending(pid_t) {
  return kernel().processes().app_is_zombie();
}

std::vector<pid_t> children() {
  return kernel().processes().children();
}

std::vector<std::string> listening_addresses(pid_t) {
  return {};
}

int terminal_width(int) {
  return 0;
}

void set_terminal_foreground(pid_t) {}

int write_all(int, std::string_view) {
  return 0;
}

}  // namespace lastcall::sys
