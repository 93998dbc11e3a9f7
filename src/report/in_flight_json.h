// What is in flight as JSON: one shape, in the drain report and in /status. Any thread.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "drain/report.h"

namespace lastcall::report {

[[nodiscard]] nlohmann::ordered_json in_flight_json(const drain::InFlight& in_flight);

}  // namespace lastcall::report
