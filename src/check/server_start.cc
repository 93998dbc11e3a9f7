#include "check/server_start.h"

#include <algorithm>
#include <cstring>

#include "base/units.h"
#include "check/place.h"

namespace lastcall::check {
namespace {

constexpr std::size_t kLinesOfOutput = 20;
constexpr Duration kPatience = 5s;  // with one answer

Scenario questions(const Plan& plan, const sys::Address& target) {
  return {.target = target,
          .host = plan.host,
          .flows = {{.name = "start", .path = plan.path, .timeout = kPatience}},
          .headers = plan.headers};
}

}  // namespace

ServerStart::ServerStart(const Plan& plan, const sys::Address& target, const ServerProcess* server,
                         net::Loop& loop)
    : plan_(plan), target_(target), server_(server), asking_(questions(plan, target), loop) {}

void ServerStart::start(Time now) {
  began_ = now;
  asking_.start(now);
}

bool ServerStart::answers() const {
  const auto& seen = asking_.observations();
  return !seen.empty() && seen.back().outcome == judge::Outcome::ok;
}

std::optional<Error> ServerStart::hopeless(Time now) const {
  if (server_ != nullptr && server_->exited()) {
    return explained("the server ended before it answered: " + describe(*server_->exited()));
  }
  if (plan_.start_timeout == 0s || now < began_ + plan_.start_timeout) {
    return std::nullopt;
  }
  return explained("GET " + std::string(without_query(plan_.path)) + " on " + target_.text() +
                   " was not answered well within " + print_duration(plan_.start_timeout) + last_attempt());
}

std::string ServerStart::last_attempt() const {
  const auto& seen = asking_.observations();
  if (seen.empty()) {
    return {};
  }
  const judge::Observation& last = seen.back();
  if (last.status != 0) {
    return ": status " + std::to_string(last.status);
  }
  return ": " + std::string(last.error != 0 ? std::strerror(last.error) : judge::to_string(last.outcome));
}

std::string ServerStart::advice() const {
  const auto& seen = asking_.observations();
  if (!seen.empty() && seen.back().status != 0) {
    return "name a path that is answered with 2xx or 3xx: --path PATH";
  }
  if (server_ == nullptr) {
    return {};
  }
  if (const auto& exit = server_->exited()) {
    const bool went_well = !exit->signalled && exit->value == 0;
    return went_well ? "it must stay in the foreground: what it leaves in the background is not watched" : "";
  }
  const std::vector<std::string> addresses = sys::listening_addresses(server_->pid());
  if (addresses.empty()) {
    return "it listens nowhere; it must take its port from {port} in its arguments, or from $PORT";
  }
  const bool here = std::ranges::find(addresses, target_.text()) != addresses.end();
  return here ? "it listens but does not answer"
              : "it listens on " + addresses.front() +
                    ": have it take {port} or $PORT, or say --url http://" + addresses.front();
}

Error ServerStart::explained(const std::string& what) const {
  if (server_ == nullptr) {
    return {.what = what, .fix = advice(), .exit_status = 2};
  }
  return with_output(what, advice(), *server_);
}

Error with_output(std::string what, const std::string& fix, const ServerProcess& server) {
  const std::string_view said = last_lines(server.output(), kLinesOfOutput);
  std::string more = fix;
  more += fix.empty() ? "" : "\n  ";
  more += said.empty() ? "it printed nothing" : "it printed:\n" + std::string(said);
  return {.what = std::move(what), .fix = std::move(more), .exit_status = 2};
}

}  // namespace lastcall::check
