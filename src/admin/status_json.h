// The status as JSON, for /status and for the control socket. Any thread.
#pragma once

#include <string>
#include <vector>

#include "admin/source.h"
#include "drain/report.h"

namespace lastcall::admin {

/// `exchanges`: who is in flight, by name, with the rest of what only the control socket tells; null: none of
/// that.
[[nodiscard]] std::string status_json(const StatusView& view,
                                      const std::vector<drain::OpenExchange>* exchanges);

}  // namespace lastcall::admin
