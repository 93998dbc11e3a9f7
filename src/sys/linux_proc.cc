// The process table and the sockets of other processes, from /proc.
#include <algorithm>
#include <charconv>
#include <dirent.h>
#include <memory>
#include <set>
#include <sstream>
#include <unistd.h>

#include "sys/process_table.h"
#include "sys/sys.h"

namespace lastcall::sys {
namespace {

std::vector<std::string> directory(const std::string& path) {
  std::vector<std::string> names;
  const std::unique_ptr<DIR, int (*)(DIR*)> dir(::opendir(path.c_str()),
                                                [](DIR* d) { return ::closedir(d); });
  while (const dirent* entry = dir ? ::readdir(dir.get()) : nullptr) {
    names.emplace_back(entry->d_name);
  }
  return names;
}

std::optional<pid_t> parse_pid(std::string_view text) {
  pid_t pid = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), pid);
  const bool whole = error == std::errc{} && end == text.data() + text.size();
  return whole ? std::optional(pid) : std::nullopt;
}

std::optional<ProcessEntry> read_entry(pid_t pid) {
  const std::string stat = read_file("/proc/" + std::to_string(pid) + "/stat").value_or("");
  // The name stands in parentheses and may itself hold any of them (proc(5)).
  const std::size_t name_end = stat.rfind(')');
  if (name_end == std::string::npos) {
    return std::nullopt;
  }
  std::istringstream fields(stat.substr(name_end + 1));
  char state = 0;
  ProcessEntry entry{pid, 0, 0, false};
  fields >> state >> entry.parent >> entry.group;
  entry.zombie = state == 'Z' || state == 'X';
  return fields ? std::optional(entry) : std::nullopt;
}

/// Nothing if there is no such thread any more.
std::optional<bool> is_thread_ending(const std::string& folder) {
  constexpr unsigned kExiting = 0x4;  // PF_EXITING, of the field `flags` (proc(5))
  const std::string stat = read_file(folder + "/stat").value_or("");
  const std::size_t name_end = stat.rfind(')');
  if (name_end == std::string::npos) {
    return std::nullopt;
  }
  std::istringstream fields(stat.substr(name_end + 1));
  std::string skipped;
  for (int field = 0; field < 6; ++field) {
    fields >> skipped;
  }
  unsigned flags = 0;
  fields >> flags;
  return (flags & kExiting) != 0;
}

/// `root` and everything below it.
std::vector<ProcessEntry> family(pid_t root) {
  const std::vector<ProcessEntry> table = process_table();
  std::vector<ProcessEntry> found{{root, 0, 0, false}};
  for (std::size_t i = 0; i < found.size(); ++i) {
    for (const ProcessEntry& entry : table) {
      if (entry.parent == found[i].pid && entry.pid != root) {
        found.push_back(entry);
      }
    }
  }
  return found;
}

std::string command_of(pid_t pid) {
  const std::string command = read_file("/proc/" + std::to_string(pid) + "/cmdline").value_or("");
  return command.substr(0, command.find('\0'));
}

/// Inodes of the sockets that a process holds.
void collect_sockets(pid_t pid, std::set<std::string>& inodes) {
  const std::string folder = "/proc/" + std::to_string(pid) + "/fd/";
  constexpr std::string_view kSocket = "socket:[";
  for (const std::string& name : directory(folder)) {
    char link[64];
    const ssize_t size = ::readlink((folder + name).c_str(), link, sizeof link);
    const std::string_view text(link, size > 0 ? static_cast<std::size_t>(size) : 0);
    if (text.starts_with(kSocket)) {
      inodes.emplace(text.substr(kSocket.size(), text.size() - kSocket.size() - 1));
    }
  }
}

/// "0100007F:1F90" of /proc/net/tcp: words of 32 bits, each printed in host order.
Address parse_proc_address(const std::string& text) {
  Address address;
  const std::size_t colon = text.find(':');
  address.family = colon == 8 ? Address::Family::ipv4 : Address::Family::ipv6;
  for (std::size_t i = 0; i < colon / 8; ++i) {
    const auto word = static_cast<std::uint32_t>(std::stoul(text.substr(i * 8, 8), nullptr, 16));
    for (std::size_t byte = 0; byte < 4; ++byte) {
      address.ip[i * 4 + byte] = static_cast<std::uint8_t>(word >> (8 * byte));
    }
  }
  address.port = static_cast<std::uint16_t>(std::stoul(text.substr(colon + 1), nullptr, 16));
  return address;
}

void collect_tcp(const std::string& table, const std::set<std::string>& inodes,
                 std::set<std::string>& found) {
  constexpr std::string_view kListen = "0A";
  std::istringstream lines(read_file(table).value_or(""));
  std::string line;
  std::getline(lines, line);
  while (std::getline(lines, line)) {
    std::istringstream fields(line);
    std::string slot, local, remote, state, queues, timer, retransmits, uid, timeout, inode;
    fields >> slot >> local >> remote >> state >> queues >> timer >> retransmits >> uid >> timeout >> inode;
    if (fields && state == kListen && inodes.contains(inode)) {
      found.insert(parse_proc_address(local).text());
    }
  }
}

void collect_unix(const std::string& table, const std::set<std::string>& inodes,
                  std::set<std::string>& found) {
  constexpr std::string_view kAccepting = "00010000";  // __SO_ACCEPTCON
  std::istringstream lines(read_file(table).value_or(""));
  std::string line;
  std::getline(lines, line);
  while (std::getline(lines, line)) {
    std::istringstream fields(line);
    std::string slot, references, protocol, flags, type, state, inode, path;
    fields >> slot >> references >> protocol >> flags >> type >> state >> inode >> path;
    if (fields && flags == kAccepting && inodes.contains(inode)) {
      found.insert("unix:" + path);
    }
  }
}

}  // namespace

std::vector<ProcessEntry> process_table() {
  std::vector<ProcessEntry> table;
  for (const std::string& name : directory("/proc")) {
    const std::optional<pid_t> pid = parse_pid(name);
    const std::optional<ProcessEntry> entry = pid ? read_entry(*pid) : std::nullopt;
    if (entry) {
      table.push_back(*entry);
    }
  }
  return table;
}

std::vector<pid_t> children_of_thread() {
  std::vector<pid_t> found;
  if (const std::optional<std::string> list = read_file("/proc/thread-self/children")) {
    std::istringstream pids(*list);
    for (pid_t pid = 0; pids >> pid;) {
      found.push_back(pid);
    }
    return found;
  }
  for (const ProcessEntry& entry : process_table()) {
    if (entry.parent == ::getpid()) {
      found.push_back(entry.pid);
    }
  }
  return found;
}

std::vector<pid_t> children() {
  std::vector<pid_t> found;
  for (const ProcessEntry& entry : process_table()) {
    if (entry.parent == ::getpid()) {
      found.push_back(entry.pid);
    }
  }
  return found;
}

std::vector<Running> descendants(pid_t root) {
  std::vector<Running> found;
  for (const ProcessEntry& entry : family(root)) {
    if (entry.pid != root && !entry.zombie) {
      found.push_back({entry.pid, command_of(entry.pid)});
    }
  }
  return found;
}

int group_members(pid_t leader) {
  const std::vector<ProcessEntry> table = process_table();
  return static_cast<int>(std::ranges::count_if(table, [leader](const ProcessEntry& entry) {
    return entry.group == leader && entry.pid != leader && !entry.zombie;
  }));
}

bool is_ending(pid_t pid) {
  const std::string threads = "/proc/" + std::to_string(pid) + "/task/";
  bool found = false;
  for (const std::string& name : directory(threads)) {
    const std::optional<bool> ending = parse_pid(name) ? is_thread_ending(threads + name) : std::nullopt;
    if (ending == false) {
      return false;
    }
    found |= ending.has_value();
  }
  return found;
}

std::vector<std::string> listening_addresses(pid_t pid) {
  std::set<std::string> inodes;
  for (const ProcessEntry& member : family(pid)) {
    collect_sockets(member.pid, inodes);
  }
  std::set<std::string> found;
  const std::string net = "/proc/" + std::to_string(pid) + "/net/";
  collect_tcp(net + "tcp", inodes, found);
  collect_tcp(net + "tcp6", inodes, found);
  collect_unix(net + "unix", inodes, found);
  return {found.begin(), found.end()};
}

}  // namespace lastcall::sys
