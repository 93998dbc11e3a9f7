// What is in flight, in a few words for a person. Any thread.
#pragma once

#include <string>

#include "drain/report.h"

namespace lastcall::report {

/// "17 requests (3 uploading, 4 downloading), 2 tunnels, 20 idle"; "nothing in flight".
[[nodiscard]] std::string in_flight_text(const drain::InFlight& in_flight);

}  // namespace lastcall::report
