// Files, descriptors and the terminal around the process.
#include <sys/ioctl.h>
#include <sys/stat.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include "sys/inherited.h"
#include "sys/sys.h"

namespace lastcall::sys {
namespace {

constexpr std::size_t kMaxFile = 1024 * 1024;

int write_and_close(UniqueFd fd, std::string_view content) {
  return fd ? write_all(fd.get(), content) : -errno;
}

std::string draft_of(const std::string& path) {
  return path + ".new." + std::to_string(::getpid());
}

UniqueFd open_draft(const std::string& draft, Access access) {
  const mode_t mode = access == Access::everybody ? 0644 : 0600;
  return UniqueFd(::open(draft.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode));
}

bool is_special_file(const std::string& path) {
  struct stat info{};
  return ::stat(path.c_str(), &info) == 0 && !S_ISREG(info.st_mode);
}

/// Appends at most `most` bytes. Returns 0 or a negative errno.
int read_up_to(std::size_t most, const std::string& path, std::string& content) {
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
  if (!fd) {
    return -errno;
  }
  char buffer[8192];
  while (content.size() < most) {
    const ssize_t got = ::read(fd.get(), buffer, std::min(sizeof buffer, most - content.size()));
    if (got < 0 && errno != EINTR) {
      return -errno;
    }
    if (got == 0) {
      break;
    }
    content.append(buffer, got > 0 ? static_cast<std::size_t>(got) : 0);
  }
  return 0;
}

}  // namespace

void open_standard_descriptors() {
  // open() takes the lowest free number: the loop ends with the first one above standard error.
  int fd = 0;
  while (fd >= 0 && fd <= STDERR_FILENO) {
    fd = ::open("/dev/null", O_RDWR | O_NOCTTY);
  }
  if (fd >= 0) {
    ::close(fd);
  }
}

std::uint64_t raise_file_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) {
    return 0;
  }
  if (!inherited().file_limit) {
    inherited().file_limit = limit;
  }
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
  ::getrlimit(RLIMIT_NOFILE, &limit);
  return limit.rlim_cur;
}

int duplicate(int fd) {
  const int copy = ::fcntl(fd, F_DUPFD_CLOEXEC, 0);
  return copy < 0 ? -errno : copy;
}

bool is_terminal(int fd) {
  return ::isatty(fd) == 1;
}

int terminal_width(int fd) {
  winsize size{};
  return ::ioctl(fd, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

void set_terminal_foreground(pid_t group) {
  const UniqueFd terminal(::open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY));
  if (!terminal) {
    return;
  }
  // Asked from the background, as whoever hands it back must, it would stop us.
  sigset_t set;
  sigset_t before;
  ::sigemptyset(&set);
  ::sigaddset(&set, SIGTTOU);
  ::pthread_sigmask(SIG_BLOCK, &set, &before);
  ::tcsetpgrp(terminal.get(), group == 0 ? ::getpgrp() : group);
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

int write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written >= 0) {
      bytes.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno == EAGAIN) {
      // Somebody else made the open file non-blocking (Node does so with pipes).
      pollfd wait{fd, POLLOUT, 0};
      ::poll(&wait, 1, -1);
    } else if (errno != EINTR) {
      return -errno;
    }
  }
  return 0;
}

void write_now(int fd, std::string_view bytes) {
  pollfd ready{fd, POLLOUT, 0};
  if (::poll(&ready, 1, 0) == 1) {
    [[maybe_unused]] const ssize_t written = ::write(fd, bytes.data(), bytes.size());
  }
}

int replace_file(const std::string& path, std::string_view content, Access access) {
  if (is_special_file(path)) {
    return overwrite_existing(path, content);
  }
  const std::string draft = draft_of(path);
  // One that is left over from a crash has whatever mode it had.
  ::unlink(draft.c_str());
  const int result = write_and_close(open_draft(draft, access), content);
  if (result == 0 && ::rename(draft.c_str(), path.c_str()) == 0) {
    return 0;
  }
  const int error = result != 0 ? result : -errno;
  ::unlink(draft.c_str());
  return error;
}

int overwrite_existing(const std::string& path, std::string_view content) {
  return write_and_close(UniqueFd(::open(path.c_str(), O_WRONLY | O_TRUNC | O_CLOEXEC | O_NOCTTY)), content);
}

int sync_file(int fd) {
  int result = 0;
  do {
    result = ::fsync(fd);
  } while (result < 0 && errno == EINTR);
  return result < 0 ? -errno : 0;
}

int sync_path(const std::string& path) {
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
  return fd ? sync_file(fd.get()) : -errno;
}

int can_replace_file(const std::string& path) {
  struct stat info{};
  if (::stat(path.c_str(), &info) == 0 && !S_ISREG(info.st_mode)) {
    return S_ISDIR(info.st_mode) ? -EISDIR : (::access(path.c_str(), W_OK) == 0 ? 0 : -errno);
  }
  const std::string draft = draft_of(path);
  ::unlink(draft.c_str());
  const UniqueFd fd = open_draft(draft, Access::ourselves);
  const int result = fd ? 0 : -errno;
  ::unlink(draft.c_str());
  return result;
}

int have_private_folder(const std::string& path) {
  if (::mkdir(path.c_str(), S_IRWXU) < 0 && errno != EEXIST) {
    return -errno;
  }
  return check_private_folder(path);
}

int check_private_folder(const std::string& path) {
  struct stat info{};
  if (::lstat(path.c_str(), &info) < 0) {
    return -errno;
  }
  const bool ours_alone =
      S_ISDIR(info.st_mode) && info.st_uid == ::geteuid() && (info.st_mode & (S_IRWXG | S_IRWXO)) == 0;
  return ours_alone ? 0 : -EPERM;
}

uid_t own_user() {
  return ::geteuid();
}

std::optional<std::string> read_file(const std::string& path) {
  std::string content;
  return read_up_to(kMaxFile, path, content) == 0 ? std::optional(std::move(content)) : std::nullopt;
}

std::optional<std::string> read_large_file(const std::string& path, std::size_t most, int& error) {
  std::string content;
  error = read_up_to(most + 1, path, content);
  if (error == 0 && content.size() > most) {
    error = -EFBIG;
  }
  return error == 0 ? std::optional(std::move(content)) : std::nullopt;
}

}  // namespace lastcall::sys
