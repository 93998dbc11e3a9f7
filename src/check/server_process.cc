#include "check/server_process.h"

#include <algorithm>
#include <csignal>

#include "base/assert.h"
#include "base/signal_name.h"

namespace lastcall::check {
namespace {

constexpr std::string_view kPlaceholder = "{port}";

/// {{port}} stays {port}, for a program that starts another.
void replace_port(std::string& text, const std::string& port) {
  for (std::size_t at = text.find(kPlaceholder); at != std::string::npos; at = text.find(kPlaceholder, at)) {
    const std::size_t end = at + kPlaceholder.size();
    if (at > 0 && text[at - 1] == '{' && end < text.size() && text[end] == '}') {
      text.replace(at - 1, kPlaceholder.size() + 2, kPlaceholder);
      at = end - 1;
    } else {
      text.replace(at, kPlaceholder.size(), port);
      at += port.size();
    }
  }
}

}  // namespace

Command on_port(Command command, std::uint16_t port) {
  const std::string number = std::to_string(port);
  for (std::string& word : command.argv) {
    replace_port(word, number);
  }
  std::erase_if(command.environment, [](const std::string& entry) { return entry.starts_with("PORT="); });
  command.environment.push_back("PORT=" + number);
  return command;
}

ServerProcess::~ServerProcess() {
  if (output_.reader) {
    loop_.unwatch(output_.reader.get());
  }
  if (child_.link) {
    loop_.unwatch(child_.link.get());
  }
}

Result<void> ServerProcess::start(const Command& command) {
  LASTCALL_ASSERT(child_.pid < 0);
  sys::Pipe pipe = sys::pipe_create();
  if (!pipe.reader) {
    return failure("cannot start a process: no descriptors are left", "raise the limit of open files");
  }
  auto child =
      sys::spawn({.argv = command.argv, .environment = command.environment, .output = pipe.writer.get()});
  if (!child) {
    return Failure(child.error());
  }
  child_ = std::move(*child);
  output_.loop = &loop_;
  output_.reader = std::move(pipe.reader);
  LASTCALL_ASSERT(loop_.watch(output_.reader.get(), sys::kReadable, output_) == 0);
  LASTCALL_ASSERT(loop_.watch(child_.link.get(), sys::kReadable, *this) == 0);
  return {};
}

void ServerProcess::signal(int number) {
  if (!exited_ && !gone()) {
    sys::signal_process(child_.pid, number);
  }
}

void ServerProcess::signal_descendants(int number) {
  for (const sys::Running& process : sys::descendants(child_.pid)) {
    sys::signal_process(process.pid, number);
  }
}

std::vector<sys::Running> ServerProcess::left_behind() const {
  return gone() ? std::vector<sys::Running>{} : sys::descendants(child_.keeper);
}

void ServerProcess::end() {
  if (!gone()) {
    sys::release(child_);
  }
}

void ServerProcess::on_events(std::uint32_t) {
  while (!gone()) {
    const auto news = sys::keeper_news(child_);
    if (!news) {
      return;
    }
    if (news->kind == sys::KeeperNews::Kind::exited) {
      exited_ = news->exit;
      exited_at_ = sys::now();
      zombies_ = news->zombies;
    } else if (news->kind == sys::KeeperNews::Kind::lost) {
      lose_keeper();
    }
  }
}

void ServerProcess::lose_keeper() {
  loop_.unwatch(child_.link.get());
  child_.link.reset();
  sys::reap_process(child_.keeper);
  if (!exited_) {
    exited_ = sys::ExitStatus{true, SIGKILL};
    exited_at_ = sys::now();
  }
}

void ServerProcess::Output::on_events(std::uint32_t) {
  char buffer[16 * 1024];
  const ssize_t got = sys::read_pipe(reader.get(), buffer);
  if (got == -EAGAIN) {
    return;
  }
  if (got <= 0) {
    loop->unwatch(reader.get());
    reader.reset();
    return;
  }
  text.append(buffer, static_cast<std::size_t>(got));
  if (text.size() > 2 * kMaxOutput) {
    text.erase(0, text.size() - kMaxOutput);
  }
}

std::string describe(const sys::ExitStatus& exit) {
  return exit.signalled ? "died of " + signal_name(exit.value) : "exit " + std::to_string(exit.value);
}

std::string_view last_lines(std::string_view text, std::size_t lines) {
  text = text.substr(0, text.find_last_not_of(" \n\r\t") + 1);
  std::size_t at = text.size();
  for (; lines > 0 && at != std::string_view::npos; --lines) {
    at = at == 0 ? std::string_view::npos : text.rfind('\n', at - 1);
  }
  return at == std::string_view::npos ? text : text.substr(at + 1);
}

}  // namespace lastcall::check
