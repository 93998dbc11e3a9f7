// The status as JSON, for /status and for the control socket. Any thread.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "admin/source.h"
#include "drain/report.h"

namespace lastcall::admin {

/// What only the control socket tells.
struct PrivateView {
  StatusView status{};
  std::int64_t pid = 0;                          ///< of this process
  std::vector<drain::OpenExchange> exchanges{};  ///< the oldest first, and perhaps not all of them
};

/// For everybody.
[[nodiscard]] std::string status_json(const StatusView& view);

[[nodiscard]] std::string status_json(const PrivateView& view);

}  // namespace lastcall::admin
