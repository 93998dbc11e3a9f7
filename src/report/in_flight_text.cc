#include "report/in_flight_text.h"

namespace lastcall::report {
namespace {

void add_count(std::string& text, std::uint64_t count, const char* what, const char* separator) {
  if (count > 0) {
    text += (text.empty() ? "" : separator) + std::to_string(count) + " " + what;
  }
}

}  // namespace

std::string in_flight_text(const drain::InFlight& in_flight) {
  std::string kinds;
  add_count(kinds, in_flight.uploads, "uploading", ", ");
  add_count(kinds, in_flight.downloads, "downloading", ", ");

  std::string text;
  add_count(text, in_flight.requests, in_flight.requests == 1 ? "request" : "requests", ", ");
  if (!kinds.empty()) {
    text += " (" + kinds + ")";
  }
  add_count(text, in_flight.tunnels, in_flight.tunnels == 1 ? "tunnel" : "tunnels", ", ");
  add_count(text, in_flight.idle + in_flight.silent + in_flight.heads, "idle", ", ");
  return text.empty() ? "nothing in flight" : text;
}

}  // namespace lastcall::report
