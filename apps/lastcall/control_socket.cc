#include "control_socket.h"

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <system_error>
#include <vector>

#include "base/units.h"
#include "surroundings.h"

namespace lastcall {
namespace {

constexpr int kBacklog = 16;
constexpr std::size_t kMaxLookedAt = 256;  // files in a folder
constexpr std::string_view kEnding = ".sock";

sys::Address unix_address(std::string path) {
  return {.family = sys::Address::Family::unix_path, .path = std::move(path)};
}

/// In the order in which they are tried. A service and a container have no login's folder.
std::vector<std::string> folders() {
  std::vector<std::string> all;
  const config::Environment environment = read_environment();
  const auto login = environment.find("XDG_RUNTIME_DIR");
  if (login != environment.end() && login->second.starts_with('/')) {
    all.push_back(login->second + "/lastcall");
  }
  all.emplace_back("/run/lastcall");
  all.push_back("/tmp/lastcall-" + std::to_string(sys::own_user()));
  return all;
}

std::vector<std::string> sockets_in(const std::string& folder) {
  std::vector<std::string> paths;
  std::error_code error;
  for (std::filesystem::directory_iterator file(folder, error), end; !error && file != end;
       file.increment(error)) {
    if (file->path().extension() == kEnding && paths.size() < kMaxLookedAt) {
      paths.push_back(file->path().string());
    }
  }
  return paths;
}

/// 0, or why nobody answers there.
int knock(const std::string& path) {
  return std::min(sys::UniqueFd(sys::connect_to(unix_address(path))).get(), 0);
}

pid_t pid_of(const std::string& path) {
  const auto pid = parse_count(std::filesystem::path(path).stem().string(), 1, 1U << 30U);
  return pid ? static_cast<pid_t>(*pid) : 0;
}

/// Takes away what killed processes have left. One that is just starting is alive, and one in another PID
/// namespace answers.
void sweep(const std::string& folder) {
  for (const std::string& path : sockets_in(folder)) {
    const pid_t pid = pid_of(path);
    const bool dead = pid != 0 && sys::UniqueFd(sys::process_open(pid)).get() == -ESRCH;
    if (dead && knock(path) == -ECONNREFUSED) {
      std::error_code ignored;
      std::filesystem::remove(path, ignored);
    }
  }
}

ControlListener open_own() {
  ControlListener listener;
  for (const std::string& folder : folders()) {
    int result = sys::have_private_folder(folder);
    if (result == 0) {
      sweep(folder);
      listener.path = folder + "/" + std::to_string(sys::own_pid()) + std::string(kEnding);
      listener.fd.reset(result = sys::listen_privately(listener.path, kBacklog));
    }
    if (listener.fd) {
      listener.why_not.clear();
      return listener;
    }
    listener.why_not +=
        (listener.why_not.empty() ? "" : "; ") + folder + ": " + std::generic_category().message(-result);
  }
  listener.path.clear();
  return listener;
}

Failure none_runs() {
  std::string looked;
  for (const std::string& folder : folders()) {
    looked += (looked.empty() ? "" : ", ") + folder;
  }
  return failure("no `lastcall run` of this user answers (looked in " + looked + ")",
                 "name its socket with --control PATH: the start line of its log says where it is");
}

/// "  lastcall run --listen :8081 -- node a.js"; empty where that cannot be known, as from another container.
std::string command_of(const std::string& path) {
  constexpr std::size_t kLongest = 100;
  constexpr std::string_view kRun = " run ";
  std::string words = sys::read_file("/proc/" + std::to_string(pid_of(path)) + "/cmdline").value_or("");
  std::ranges::replace_if(words, [](char c) { return c >= 0 && c < ' '; }, ' ');
  // By its number alone it could be anybody.
  if (words.find(kRun) == std::string::npos) {
    return {};
  }
  return "  " + (words.size() > kLongest ? words.substr(0, kLongest) + "…" : words);
}

Failure several_run(const std::vector<std::string>& paths) {
  std::string all;
  for (const std::string& path : paths) {
    all += "\n    --control " + path + command_of(path);
  }
  return failure("several `lastcall run` answer", "name the one that you mean:" + all, 2);
}

}  // namespace

Result<ControlListener> open_control(const config::RunConfig& config) {
  if (config.control == config::ControlSocket::off) {
    return ControlListener{};
  }
  if (config.control == config::ControlSocket::automatic) {
    return open_own();
  }
  const auto address = sys::parse_address("unix:" + config.control_path);
  if (!address) {
    return tl::unexpected(address.error());
  }
  ControlListener listener{.fd = sys::UniqueFd(sys::listen_privately(address->path, kBacklog)),
                           .path = address->path};
  if (!listener.fd) {
    const int error = -listener.fd.get();
    return failure(
        "the control socket cannot be " + address->path + ": " + std::generic_category().message(error),
        error == EADDRINUSE ? "another process listens there; choose another path with --control"
                            : "choose another path with --control, or --control off");
  }
  return listener;
}

Result<sys::Address> find_control(const std::string& asked) {
  if (!asked.empty()) {
    return sys::parse_address("unix:" + asked);
  }
  std::vector<std::string> running;
  for (const std::string& folder : folders()) {
    if (sys::check_private_folder(folder) != 0) {
      continue;
    }
    std::ranges::copy_if(sockets_in(folder), std::back_inserter(running),
                         [](const std::string& path) { return knock(path) == 0; });
  }
  if (running.empty()) {
    return none_runs();
  }
  return running.size() == 1 ? Result<sys::Address>(unix_address(running.front())) : several_run(running);
}

}  // namespace lastcall
