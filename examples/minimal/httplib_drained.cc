// The same app as httplib_bare.cc, with lastcall: on SIGTERM it drains.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>

#include "lastcall/httplib.h"
#include "lastcall/lastcall.h"

int main() {
  auto coordinator = lastcall::Coordinator::create();
  if (!coordinator) {
    std::fprintf(stderr, "%s\n", coordinator.error().what.c_str());
    return 2;
  }
  lastcall::httplib::Server server(*coordinator);
  server.Get("/", [](const auto&, auto& response) { response.set_content("hello\n", "text/plain"); });
  server.Get("/slow", [](const auto&, auto& response) {
    std::this_thread::sleep_for(std::chrono::seconds(1));
    response.set_content("hello at last\n", "text/plain");
  });
  const char* port = std::getenv("PORT");
  if (const auto started = server.start("127.0.0.1:" + std::string(port != nullptr ? port : "8080"));
      !started) {
    std::fprintf(stderr, "%s\n", started.error().what.c_str());
    return 2;
  }
  return lastcall::finish(coordinator->run());
}
