#include "demo_service.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

namespace lastcall::demo {
namespace {

constexpr std::size_t kMaxProcesses = 1000;

std::vector<pid_t> children_of(pid_t parent) {
  const std::string process = std::to_string(parent);
  const std::string list = sys::read_file("/proc/" + process + "/task/" + process + "/children").value_or("");
  std::vector<pid_t> children;
  const char* at = list.data();
  const char* const end = at + list.size();
  for (pid_t pid = 0; at < end; at = std::min(at + 1, end)) {
    const auto [after, error] = std::from_chars(at, end, pid);
    if (error != std::errc{}) {
      break;
    }
    children.push_back(pid);
    at = after;
  }
  return children;
}

}  // namespace

Result<void> Service::start(const std::vector<std::string>& argv, const Environment& environment,
                            const std::string& log) {
  sys::SpawnRequest request;
  request.argv = {"/bin/sh", "-c", "exec \"$@\" >>\"$0\" 2>&1", log};
  request.argv.insert(request.argv.end(), argv.begin(), argv.end());
  for (const auto& [name, value] : environment) {
    request.environment.push_back(fmt::format("{}={}", name, value));
  }
  auto child = sys::spawn(request);
  if (!child) {
    return Failure(child.error());
  }
  child_ = std::move(*child);
  loop_.watch(child_.link.get(), sys::kReadable, *this);
  return {};
}

void Service::signal(int number) {
  if (!exited_ && !gone()) {
    sys::signal_process(child_.pid, number);
  }
}

void Service::signal_descendants(int number) {
  std::vector<pid_t> below = children_of(child_.pid);
  for (std::size_t i = 0; i < below.size() && below.size() < kMaxProcesses; ++i) {
    const std::vector<pid_t> further = children_of(below[i]);
    below.insert(below.end(), further.begin(), further.end());
  }
  for (const pid_t pid : below) {
    sys::signal_process(pid, number);
  }
}

void Service::end() {
  if (!gone()) {
    sys::release(child_);
  }
}

void Service::on_events(std::uint32_t) {
  while (!gone()) {
    const auto news = sys::keeper_news(child_);
    if (!news) {
      return;
    }
    if (news->kind == sys::KeeperNews::Kind::exited) {
      exited_ = news->exit;
    } else if (news->kind == sys::KeeperNews::Kind::lost) {
      loop_.unwatch(child_.link.get());
      child_.link.reset();
      sys::reap_process(child_.keeper);
    }
  }
}

}  // namespace lastcall::demo
