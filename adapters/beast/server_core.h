// ServerCore: what all sessions of one HttpServer share. It outlives them; they call it on the server's
// threads.
#pragma once

#include <atomic>
#include <exception>
#include <functional>
#include <mutex>
#include <string_view>
#include <vector>

#include <boost/asio/ip/tcp.hpp>

#include "lastcall/beast/http_server.h"
#include "lastcall/beast/session_registry.h"
#include "lingering.h"

namespace lastcall::beast {

struct ServerCore {
  ServerCore(Coordinator& the_coordinator, HttpServerOptions the_options, HttpServer::Handler the_handler);

  /// After the end of a session: there may be room again.
  void session_over();

  /// Answers a health path (LC103). Readiness may have to ask a dependency, which no io thread waits for.
  void answer_probe(std::string_view target, Responder responder);

  [[nodiscard]] bool is_probe(std::string_view target) const;

  /// What was cut counts as cut, and not as finished: its permit is kept.
  void keep_as_cut(Permit permit);

  /// Tells the log of an exception that left the user's code.
  void tell_exception(std::string_view where, const std::exception* exception) const;

  Coordinator& coordinator;
  const HttpServerOptions options;
  const HttpServer::Handler handler;
  WorkScope& scope;
  SessionRegistry sessions;  ///< connections that can carry a request
  LingeringClose lingering;  ///< connections that we have half-closed
  std::atomic<bool> paused = false;
  std::function<void()> resume{};
  std::mutex cut_mutex;
  std::vector<Permit> cut_permits;  ///< guarded by cut_mutex; no more than there were connections
  std::function<void(std::function<void()>)> post_probe{};  ///< to the thread that asks for readiness
};

/// Calls what the user gave us, if he did. False: it threw.
template <class Function, class... Arguments>
bool call_user(const ServerCore& core, std::string_view where, const Function& function,
               Arguments&&... arguments) {
  if (!function) {
    return true;
  }
  try {
    function(std::forward<Arguments>(arguments)...);
    return true;
  } catch (const std::exception& exception) {
    core.tell_exception(where, &exception);
  } catch (...) {
    core.tell_exception(where, nullptr);
  }
  return false;
}

}  // namespace lastcall::beast
