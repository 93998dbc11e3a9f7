// Thread: a thread of execution, started and joined through the seam (sys/sys.h): a simulated kernel runs
// them one at a time, in an order that its seed decides. Threads that share work with others need no more
// than this; it neither detaches nor stops by itself.
#pragma once

#include <functional>
#include <memory>

namespace lastcall::sys {

class Thread {
 public:
  Thread();
  explicit Thread(std::function<void()> body);
  Thread(Thread&& other) noexcept;
  Thread& operator=(Thread&& other) noexcept;
  /// It must have been joined.
  ~Thread();

  [[nodiscard]] bool joinable() const { return running_ != nullptr; }

  /// Waits until `body` has returned.
  void join();

 private:
  struct Running;  ///< each kernel's own

  std::unique_ptr<Running> running_;
};

}  // namespace lastcall::sys
