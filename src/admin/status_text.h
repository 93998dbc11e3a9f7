// The status as a person reads it: the phase, what is in flight, and by route who waits for what. Any thread.
#pragma once

#include <string>
#include <vector>

#include "admin/source.h"
#include "drain/report.h"

namespace lastcall::admin {

/// `exchanges`: the oldest first, and perhaps not all of them.
[[nodiscard]] std::string status_text(const StatusView& view,
                                      const std::vector<drain::OpenExchange>& exchanges);

}  // namespace lastcall::admin
