// Cache: answers that were given before, and locks that replicas of the service share. It may forget anything
// at any time, and its absence costs time but no order: every use of it goes on without. Any thread.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "lastcall/coordinator.h"

namespace orders {

/// Without a server: it remembers nothing, and locks nobody out.
class Cache {
 public:
  virtual ~Cache() = default;

  virtual std::optional<std::string> get(const std::string&) { return std::nullopt; }

  virtual void put(const std::string&, const std::string&) {}

  /// Calls `work` with the lock of that name held; without it if it cannot be had.
  virtual void locked(const std::string&, const std::function<void()>& work) { work(); }

  /// Adds its readiness check and the step that leaves it.
  virtual lastcall::Result<void> join(lastcall::Coordinator&) { return {}; }
};

}  // namespace orders
