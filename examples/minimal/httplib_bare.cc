// A small HTTP app on cpp-httplib that stops as its documentation shows: a signal calls stop().
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <httplib.h>
#include <thread>

static httplib::Server server;

int main() {
  server.Get("/", [](const auto&, auto& response) { response.set_content("hello\n", "text/plain"); });
  server.Get("/slow", [](const auto&, auto& response) {
    std::this_thread::sleep_for(std::chrono::seconds(1));
    response.set_content("hello at last\n", "text/plain");
  });
  std::signal(SIGINT, [](int) { server.stop(); });
  std::signal(SIGTERM, [](int) { server.stop(); });
  const char* port = std::getenv("PORT");
  return server.listen("127.0.0.1", std::atoi(port != nullptr ? port : "8080")) ? EXIT_SUCCESS : EXIT_FAILURE;
}
