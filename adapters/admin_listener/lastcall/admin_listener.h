// AdminListener: a listener of its own for probes, metrics and status, which answers from the start of a
// service to the last moment of its shutdown, when the traffic's listener is long closed (contract LC103).
// Read-only: /health/live, /health/ready, /api/health, /livez, /readyz, /metrics, /status. It owns two
// threads.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "lastcall/coordinator.h"
#include "lastcall/result.h"

namespace lastcall {

struct AdminOptions {
  /// Loopback, as /status and /metrics tell strangers of the service. Kubernetes probes the pod's own
  /// address: "0.0.0.0" or "::" there.
  std::string address = "127.0.0.1";

  /// If the default is taken, a free one is used instead; one that was asked for is an error. 0: any free
  /// one.
  std::uint16_t port = kDefaultPort;

  std::string request_scope = "http";  ///< the work scope whose requests /metrics counts

  static constexpr std::uint16_t kDefaultPort = 9797;
};

/// Any thread. The coordinator outlives it; made before the servers, it dies after them.
class AdminListener {
 public:
  /// Answers from now on. Error: the address cannot be had.
  [[nodiscard]] static Result<AdminListener> open(Coordinator& coordinator, const AdminOptions& options = {});

  AdminListener(AdminListener&&) noexcept;
  AdminListener& operator=(AdminListener&&) noexcept;
  ~AdminListener();

  [[nodiscard]] std::uint16_t port() const;

 private:
  class Running;

  explicit AdminListener(std::unique_ptr<Running> running);

  std::unique_ptr<Running> running_;
};

}  // namespace lastcall
