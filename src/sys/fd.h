// UniqueFd: the owner of one descriptor. Closes it through the seam (sys/sys.h), so that a simulated kernel
// sees it too.
#pragma once

#include <utility>

namespace lastcall::sys {

void close_fd(int fd);

class UniqueFd {
 public:
  UniqueFd() = default;

  explicit UniqueFd(int fd) : fd_(fd) {}

  UniqueFd(UniqueFd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

  UniqueFd& operator=(UniqueFd&& other) noexcept {
    if (this != &other) {
      reset(std::exchange(other.fd_, -1));
    }
    return *this;
  }

  UniqueFd(const UniqueFd&) = delete;
  UniqueFd& operator=(const UniqueFd&) = delete;

  ~UniqueFd() { reset(); }

  void reset(int fd = -1) {
    if (fd_ >= 0) {
      close_fd(fd_);
    }
    fd_ = fd;
  }

  [[nodiscard]] int get() const { return fd_; }

  [[nodiscard]] int release() { return std::exchange(fd_, -1); }

  explicit operator bool() const { return fd_ >= 0; }

 private:
  int fd_ = -1;
};

}  // namespace lastcall::sys
