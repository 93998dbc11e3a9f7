#include "service_manager.h"

#include <algorithm>
#include <array>

#include "base/units.h"
#include "sys/sys.h"

namespace lastcall {
namespace {

constexpr int kFirstPassed = 3;  // SD_LISTEN_FDS_START
constexpr std::uint64_t kMostPassed = 16;
constexpr std::size_t kLongestPath = 107;

constexpr std::array<std::string_view, 7> kOurs = {"NOTIFY_SOCKET", "WATCHDOG_PID", "WATCHDOG_USEC",
                                                   "LISTEN_PID",    "LISTEN_FDS",   "LISTEN_FDNAMES",
                                                   "LISTEN_PIDFDID"};

std::string value_of(const config::Environment& environment, std::string_view name) {
  const auto found = environment.find(name);
  return found == environment.end() ? std::string() : found->second;
}

bool is_our_pid(const std::string& text) {
  return text == std::to_string(sys::own_pid());
}

/// The name of the `index`-th, counted from 0.
std::string_view name_at(std::string_view names, std::uint64_t index) {
  for (; index > 0; --index) {
    const std::size_t colon = names.find(':');
    names.remove_prefix(colon == std::string_view::npos ? names.size() : colon + 1);
  }
  return names.substr(0, names.find(':'));
}

Result<PassedSocket> take(int number) {
  PassedSocket socket{.fd = sys::UniqueFd(number), .address = sys::local_address(number)};
  if (sys::adopt_listener(number) < 0) {
    return failure(
        "descriptor " + std::to_string(number) + ", passed by LISTEN_FDS, is no listening stream socket",
        "pass sockets of ListenStream= with Accept=no", 2);
  }
  return socket;
}

}  // namespace

wrapper::ServiceManager::Settings service_manager(const config::Environment& environment) {
  const std::string path = value_of(environment, "NOTIFY_SOCKET");
  if (path.size() < 2 || path.size() > kLongestPath || (path[0] != '/' && path[0] != '@')) {
    return {};
  }
  wrapper::ServiceManager::Settings settings{
      .socket = sys::Address{.family = sys::Address::Family::unix_path, .path = path}};
  const std::string watched = value_of(environment, "WATCHDOG_PID");
  const auto most = static_cast<std::uint64_t>(kMaxDuration / 1us);
  const auto silence = parse_count(value_of(environment, "WATCHDOG_USEC"), 1, most);
  if (silence && (watched.empty() || is_our_pid(watched))) {
    settings.watchdog = std::chrono::microseconds(*silence);
  }
  return settings;
}

Result<PassedSockets> take_passed_sockets(const config::Environment& environment) {
  PassedSockets passed;
  if (!is_our_pid(value_of(environment, "LISTEN_PID"))) {
    return passed;
  }
  const auto count = parse_count(value_of(environment, "LISTEN_FDS"), 1, kMostPassed);
  if (!count) {
    return failure("LISTEN_FDS: " + count.error().what, {}, 2);
  }
  const std::string names = value_of(environment, "LISTEN_FDNAMES");
  for (std::uint64_t i = 0; i < *count; ++i) {
    auto socket = take(kFirstPassed + static_cast<int>(i));
    if (!socket) {
      return tl::unexpected(std::move(socket).error());
    }
    const bool for_admin = name_at(names, i) == "admin";
    std::optional<PassedSocket>& place = for_admin ? passed.admin : passed.http;
    if (place) {
      return failure("two sockets were passed for " + std::string(for_admin ? "admin" : "http") + ": " +
                         place->address.text() + " and " + socket->address.text(),
                     "pass one, and one more called admin (FileDescriptorName=admin)", 2);
    }
    place = std::move(*socket);
  }
  return passed;
}

bool is_for_us_alone(std::string_view variable) {
  return std::ranges::find(kOurs, variable) != kOurs.end();
}

}  // namespace lastcall
