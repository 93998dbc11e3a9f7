// The same app as beast_bare.cc, with lastcall: on SIGTERM it drains.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>

#include <boost/asio/steady_timer.hpp>

#include "lastcall/beast.h"
#include "lastcall/lastcall.h"

namespace http = boost::beast::http;
using lastcall::beast::HttpServer;
using lastcall::beast::Request;
using lastcall::beast::Responder;

static void handle(const Request& request, Responder respond) {
  if (request.target() != "/slow") {
    respond.send(http::status::ok, "hello\n");
    return;
  }
  auto timer = std::make_shared<boost::asio::steady_timer>(respond.executor(), std::chrono::seconds(1));
  timer->async_wait([timer, respond = std::move(respond)](boost::system::error_code) mutable {
    respond.send(http::status::ok, "hello at last\n");
  });
}

int main() {
  auto coordinator = lastcall::Coordinator::create();
  if (!coordinator) {
    std::fprintf(stderr, "%s\n", coordinator.error().what.c_str());
    return 2;
  }
  const char* port = std::getenv("PORT");
  auto server = HttpServer::create(
      *coordinator, {.port = static_cast<std::uint16_t>(std::atoi(port != nullptr ? port : "8080"))}, handle);
  if (!server) {
    std::fprintf(stderr, "%s\n", server.error().what.c_str());
    return 2;
  }
  return lastcall::finish(coordinator->run());
}
