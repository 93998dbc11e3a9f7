#include "report/in_flight_json.h"

#include <nlohmann/json.hpp>

namespace lastcall::report {

nlohmann::ordered_json in_flight_json(const drain::InFlight& in_flight) {
  return {{"requests", in_flight.requests},
          {"uploads", in_flight.uploads},
          {"downloads", in_flight.downloads},
          {"tunnels", in_flight.tunnels},
          {"idle", in_flight.idle},
          {"silent", in_flight.silent},
          {"heads", in_flight.heads},
          {"websockets", in_flight.websockets},
          {"event_streams", in_flight.event_streams}};
}

}  // namespace lastcall::report
