// File: what a descriptor stands for, and who watches it. Poller: a set of watched files, with epoll's rules
// for level, edge and exclusive watching. Everything runs on one thread.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <span>
#include <vector>

#include "sim/kernel/fibers.h"
#include "sys/sys.h"

namespace lastcall::sim {

class File;
class Poller;

/// One entry of a poller.
struct Watch {
  Poller& poller;
  std::shared_ptr<File> file;
  std::uint32_t events;
  void* target;
  bool queued = false;  ///< stands in the poller's list of what may be ready
};

class File {
 public:
  File() = default;
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  virtual ~File() = default;

  /// As poll() would say now: a set of sys::kReadable and its like.
  [[nodiscard]] virtual std::uint32_t readiness() const = 0;

  /// The product has closed its descriptor.
  virtual void closed() {}

  void add(Watch& watch);
  void remove(Watch& watch);

  /// A fiber that waits for this file alone, until the next change.
  void wait_here(Fiber& fiber) { waiters_.push_back(&fiber); }

 protected:
  /// Something has happened that makes the file `events`.
  void changed(Fibers& fibers, std::uint32_t events);

 private:
  std::vector<Watch*> watches_;  ///< in the order in which they are woken
  std::vector<Fiber*> waiters_;
};

class Poller final : public File {
 public:
  explicit Poller(Fibers& fibers) : fibers_(fibers) {}

  int add(int fd, std::shared_ptr<File> file, std::uint32_t events, void* target);
  int remove(int fd);

  /// Blocks the current fiber until something is ready, or `until`.
  int wait(std::span<sys::ReadyEvent> out, Time until, const Timeline& timeline);

  /// Something may be ready. True if that wakes somebody.
  bool wake(Watch& watch);

  [[nodiscard]] std::uint32_t readiness() const override { return 0; }

  void closed() override;

 private:
  int collect(std::span<sys::ReadyEvent> out);

  Fibers& fibers_;
  std::map<int, std::unique_ptr<Watch>> watches_;
  std::deque<Watch*> maybe_ready_;
  Fiber* sleeper_ = nullptr;
};

/// An eventfd.
class WakeFile final : public File {
 public:
  explicit WakeFile(Fibers& fibers) : fibers_(fibers) {}

  void set() {
    set_ = true;
    changed(fibers_, sys::kReadable);
  }

  void drain() { set_ = false; }

  [[nodiscard]] std::uint32_t readiness() const override { return set_ ? sys::kReadable : 0; }

 private:
  Fibers& fibers_;
  bool set_ = false;
};

}  // namespace lastcall::sim
