#include "check/watched_server.h"

#include <cerrno>

#include "check/aftermath.h"
#include "check/server_start.h"

namespace lastcall::check {
namespace {

bool is_taken(const sys::Address& address) {
  const int listener = sys::listen_on(address, 1);
  const sys::UniqueFd closed_at_once(listener);
  return listener == -EADDRINUSE;
}

}  // namespace

Result<void> WatchedServer::start(const sys::Address& target) {
  if (!plan_.starts_server()) {
    return outside_.attach(plan_.pid);
  }
  if (target.port == 0) {
    return failure("there is no free port on 127.0.0.1", {}, 2);
  }
  if (is_taken(target)) {
    return failure(target.text() + " is taken by another process", "end it, or check it with --pid N", 2);
  }
  return ours_.start(on_port(plan_.command, target.port)).map_error([](Error error) {
    error.exit_status = 2;
    return error;
  });
}

void WatchedServer::signal() {
  if (plan_.signal_below) {
    ours_.signal_descendants(plan_.signal);
  } else if (plan_.starts_server()) {
    ours_.signal(plan_.signal);
  } else {
    outside_.signal(plan_.signal);
  }
}

Time WatchedServer::exited_at() const {
  return plan_.starts_server() ? ours_.exited_at() : outside_.exited_at();
}

Error WatchedServer::ended_early() const {
  const std::string what = "the server ended before it was signalled";
  return plan_.starts_server() ? with_output(what + ": " + describe(*ours_.exited()), {}, ours_)
                               : Error{.what = what, .fix = {}, .exit_status = 2};
}

judge::Process WatchedServer::aftermath(bool killed) const {
  return plan_.starts_server() ? check::aftermath(ours_, killed) : check::aftermath(outside_);
}

}  // namespace lastcall::check
