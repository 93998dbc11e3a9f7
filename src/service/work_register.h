// WorkRegister: what stands behind a WorkScope. One gate for each of some shards, each on cache lines of its
// own; a thread enters at the shard that it was given, and a permit leaves where it entered, on whatever
// thread. Counts and names; it waits for nothing and knows no deadline. Any thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "lastcall/clock.h"
#include "lastcall/report.h"
#include "lastcall/work.h"

namespace lastcall::service {

class WorkShards;

class WorkRegister {
 public:
  WorkRegister(std::string name, std::shared_ptr<const Clock> clock);
  WorkRegister(const WorkRegister&) = delete;
  WorkRegister& operator=(const WorkRegister&) = delete;

  /// Closes it without telling anybody. A permit that is still held stays valid.
  ~WorkRegister();

  const std::string name;

  [[nodiscard]] Permit try_enter();
  [[nodiscard]] Permit try_enter(std::string_view label);

  /// Refuses new work from now on. `drained` is called once, when nothing is in flight any more: by the
  /// thread that ended the last of it, or by this call. It must only post, and not destroy the register.
  /// False, and nothing happens, if it is closed already.
  bool close(std::function<void()> drained);

  [[nodiscard]] bool closed() const;

  [[nodiscard]] std::uint64_t in_flight() const;

  /// How many were turned away.
  [[nodiscard]] std::uint64_t refused() const;

  /// The shutdown begins: finished() counts from here.
  void mark();

  /// How many have ended since mark(), at most 2^32 on each shard; 0 before it.
  [[nodiscard]] std::uint64_t finished() const;

  /// The named work in flight, the oldest first, at most `most` of it. What ends meanwhile may be missing.
  [[nodiscard]] std::vector<CutWork> left(Time now, std::size_t most) const;

 private:
  // Shared with itself from close() until the last permit has left, so that those may outlive us.
  const std::shared_ptr<WorkShards> shards_;
};

}  // namespace lastcall::service
