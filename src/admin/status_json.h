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
  std::int64_t pid = 0;
  std::vector<drain::OpenExchange> exchanges{};
};

/// `more`: null where everybody may read it.
[[nodiscard]] std::string status_json(const StatusView& view, const PrivateView* more);

}  // namespace lastcall::admin
