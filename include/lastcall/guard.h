// Guard: for a server that has no adapter and can only be started and stopped. It counts the requests, says
// which fields their responses must carry, refuses those that come too late, and stops the server when
// nothing is in flight any more. It cannot close a listener without resetting those in its queue (contract
// LC201): an adapter can.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "lastcall/coordinator.h"
#include "lastcall/result.h"
#include "lastcall/work.h"

namespace lastcall {

/// Any thread.
class Guard {
 public:
  struct Field {
    std::string_view name;
    std::string_view value;
  };

  /// The status of a refusal; its fields are fields().
  static constexpr int kRefused = 503;

  /// `name` is that of its scope, and "NAME stop" its step's. `coordinator` must outlive it.
  explicit Guard(Coordinator& coordinator, std::string name = "http");

  /// For each request, before anything is done for it; hold it until its response has been sent. Empty: it
  /// comes too late, answer kRefused (LC208). `label` as in WorkScope::try_enter().
  [[nodiscard]] Permit admit(std::string_view label);

  /// What the response must carry; ask when its head is written, for it depends on what has begun by then
  /// (LC203).
  [[nodiscard]] std::span<const Field> fields(const Permit& request) const;

  /// Adds the step that calls `stop`, once nothing is in flight and clients on kept connections have had
  /// Options::idle_grace to be told. Error: as Coordinator::add_step().
  [[nodiscard]] Result<void> stop_with(std::function<void()> stop);

 private:
  Coordinator& coordinator_;
  const std::string name_;
  WorkScope& requests_;
};

}  // namespace lastcall
