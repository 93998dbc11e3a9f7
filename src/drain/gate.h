// Gate: counts the work in flight and refuses new work once closed. Closed bit and count share one atomic
// word, so that admission and state are one step. One Gate per shard; any thread may read it, close it or
// leave it. Not a queue and not a lock: whoever is refused is told so at once. A Permit cannot forget to
// leave; who keeps his own account of what he holds uses enter(), fork() and leave().
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <utility>

#include "base/assert.h"

namespace lastcall::drain {

class Gate;

/// One piece of work in flight. Move-only; leaving the gate is its destruction.
class Permit {
 public:
  Permit() = default;

  Permit(Permit&& other) noexcept : gate_(std::exchange(other.gate_, nullptr)) {}

  Permit& operator=(Permit&& other) noexcept {
    if (this != &other) {
      release();
      gate_ = std::exchange(other.gate_, nullptr);
    }
    return *this;
  }

  Permit(const Permit&) = delete;
  Permit& operator=(const Permit&) = delete;

  ~Permit() { release(); }

  /// Leaves the gate now. Returns true for the one permit whose leaving emptied a closed gate.
  bool release();

  explicit operator bool() const { return gate_ != nullptr; }

 private:
  friend class Gate;

  explicit Permit(Gate* gate) : gate_(gate) {}

  Gate* gate_ = nullptr;
};

class Gate {
 public:
  Gate() = default;
  Gate(const Gate&) = delete;
  Gate& operator=(const Gate&) = delete;

  ~Gate() { LASTCALL_ASSERT(in_flight() == 0); }

  /// A permit, or nothing once the gate is closed.
  [[nodiscard]] std::optional<Permit> try_enter() {
    return enter() ? std::optional(Permit(this)) : std::nullopt;
  }

  /// False once the gate is closed; else leave() must follow, once.
  [[nodiscard]] bool enter() {
    // Not fetch_add and take back: whoever leaves last in between would not see that it was the last.
    std::uint64_t word = word_.load(std::memory_order_relaxed);
    while ((word & kClosed) == 0) {
      if (word_.compare_exchange_weak(word, word + kOne, std::memory_order_acq_rel,
                                      std::memory_order_relaxed)) {
        return true;
      }
    }
    return false;
  }

  /// enter() for somebody who is inside, and whom a closed gate does not refuse: what he began goes on.
  void fork() {
    const std::uint64_t before = word_.fetch_add(kOne, std::memory_order_relaxed);
    LASTCALL_ASSERT((before & kState) >= kOne);
  }

  /// Returns true to the one whose leaving emptied a closed gate.
  bool leave() {
    return (word_.fetch_add(kLeft - kOne, std::memory_order_acq_rel) & kState) == kOne + kClosed;
  }

  /// Refuses new work from now on. Returns true if nothing was in flight, so that the gate is drained
  /// already.
  bool close() { return (word_.fetch_or(kClosed, std::memory_order_acq_rel) & kState) < kOne; }

  [[nodiscard]] bool closed() const { return (word_.load(std::memory_order_acquire) & kClosed) != 0; }

  [[nodiscard]] std::uint64_t in_flight() const {
    return (word_.load(std::memory_order_acquire) & kState) / kOne;
  }

  /// How many have left so far, modulo 2^32.
  [[nodiscard]] std::uint32_t left() const {
    return static_cast<std::uint32_t>(word_.load(std::memory_order_acquire) / kLeft);
  }

  [[nodiscard]] bool drained() const { return (word_.load(std::memory_order_acquire) & kState) == kClosed; }

 private:
  // From the lowest bit: closed, 31 bits in flight, 32 bits left.
  static constexpr std::uint64_t kClosed = 1;
  static constexpr std::uint64_t kOne = 2;
  static constexpr std::uint64_t kLeft = std::uint64_t{1} << 32;
  static constexpr std::uint64_t kState = kLeft - 1;

  std::atomic<std::uint64_t> word_{0};
};

inline bool Permit::release() {
  Gate* gate = std::exchange(gate_, nullptr);
  return gate != nullptr && gate->leave();
}

}  // namespace lastcall::drain
