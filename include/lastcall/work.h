// WorkScope and Permit: what is in flight. A scope counts pieces of work, refuses new ones once it is closed,
// and knows which ones are left when time runs out. Any thread; no lock, and sharded, so that threads which
// enter and leave at the same time do not meet.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>

namespace lastcall {

namespace service {
class WorkShard;
class WorkRegister;
}  // namespace service

/// One piece of work in flight. Move-only; it ends when the permit is destroyed or released, once, on
/// whatever thread. An empty permit (moved from, released, or refused) is false.
class Permit {
 public:
  Permit() = default;

  Permit(Permit&& other) noexcept
      : shard_(std::exchange(other.shard_, nullptr)), slot_(std::exchange(other.slot_, nullptr)) {}

  Permit& operator=(Permit&& other) noexcept {
    if (this != &other) {
      release();
      shard_ = std::exchange(other.shard_, nullptr);
      slot_ = std::exchange(other.slot_, nullptr);
    }
    return *this;
  }

  Permit(const Permit&) = delete;
  Permit& operator=(const Permit&) = delete;

  ~Permit() {
    if (shard_ != nullptr) {
      release();
    }
  }

  explicit operator bool() const { return shard_ != nullptr; }

  /// Ends the work now. Harmless on an empty permit.
  void release() noexcept;

  /// One more piece of work that goes on when this one has ended: a mail after the response. Always granted
  /// while this permit lives, also by a closed scope. `label` as in WorkScope::try_enter(); empty: unnamed.
  [[nodiscard]] Permit fork(std::string_view label = {}) const;

 private:
  friend class WorkScope;
  friend class service::WorkRegister;

  Permit(service::WorkShard* shard, void* slot) : shard_(shard), slot_(slot) {}

  service::WorkShard* shard_ = nullptr;
  void* slot_ = nullptr;
};

/// One kind of work, made by Coordinator::scope(), which owns it. Open until the servers are drained, or
/// until the drain begins where there is none; the drain then waits for what is left.
class WorkScope {
 public:
  /// The longest label that is kept; the rest is cut off.
  static constexpr std::size_t kMaxLabel = 64;

  explicit WorkScope(std::unique_ptr<service::WorkRegister> work);
  ~WorkScope();
  WorkScope(const WorkScope&) = delete;
  WorkScope& operator=(const WorkScope&) = delete;

  /// A permit, or an empty one once the scope is closed: answer 503 then, before anything is done.
  [[nodiscard]] Permit try_enter();

  /// The same with a name for the report, like "GET /orders"; put no secret into it.
  [[nodiscard]] Permit try_enter(std::string_view label);

  [[nodiscard]] std::uint64_t in_flight() const;

  [[nodiscard]] bool closed() const;

 private:
  std::unique_ptr<service::WorkRegister> work_;
};

}  // namespace lastcall
