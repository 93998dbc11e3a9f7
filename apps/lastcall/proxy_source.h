// ProxySource: what the admin listener is told of a running proxy and its shutdown.
#pragma once

#include <functional>

#include "admin/source.h"
#include "proxy/proxy.h"

namespace lastcall {

class ProxySource final : public admin::Source {
 public:
  using ReadReadiness = std::function<drain::Readiness()>;
  using ReadShutdown = std::function<std::optional<admin::ShutdownView>()>;

  ProxySource(const proxy::Proxy& proxy, ReadReadiness readiness, ReadShutdown shutdown)
      : proxy_(proxy), readiness_(std::move(readiness)), shutdown_(std::move(shutdown)) {}

  [[nodiscard]] admin::StatusView status() const override { return status(proxy_.snapshot(0)); }

  /// Of the instant of `snapshot`.
  [[nodiscard]] admin::StatusView status(const proxy::Snapshot& snapshot) const;

  void add_metrics(admin::Metrics& metrics) const override;

 private:
  const proxy::Proxy& proxy_;
  ReadReadiness readiness_;
  ReadShutdown shutdown_;
};

}  // namespace lastcall
