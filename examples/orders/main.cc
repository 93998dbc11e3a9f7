// The service: makes its parts, and says in which order they end. Read this file first.
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string_view>
#include <utility>

#include "api.h"
#include "lastcall/admin_listener.h"
#include "lastcall/beast.h"
#include "lastcall/lastcall.h"
#include "log.h"
#include "settings.h"
#include "wiring.h"

using lastcall::Result;

namespace {

constexpr auto kGrace = std::chrono::seconds(30);

Result<int> serve(const orders::Settings& settings) {
  // First of all: from here on no signal is lost.
  lastcall::Options options;
  if (std::getenv("GRACEFUL_SHUTDOWN_TIMEOUT_MS") == nullptr) {
    options.grace = kGrace;
  }
  auto coordinator = lastcall::Coordinator::create(options);
  if (!coordinator) {
    return lastcall::Failure(coordinator.error());
  }
  // Probes are answered from now on until the process is gone.
  const auto admin = lastcall::AdminListener::open(*coordinator, {.port = settings.admin_port});
  if (!admin) {
    return lastcall::Failure(admin.error());
  }

  if (auto logging = orders::start_log(*coordinator); !logging) {
    return lastcall::Failure(logging.error());
  }
  auto parts = orders::connect(settings, *coordinator);
  if (!parts) {
    return lastcall::Failure(parts.error());
  }
  orders::OrderStore store(*parts->database);
  orders::Feed feed;
  // From here on ours: its worker uses all of the above, and a start that fails below ends it first.
  const auto payments = std::move(parts->payments);
  if (auto ready = orders::start_payments(*payments, *parts->cache, store, feed, *coordinator); !ready) {
    return lastcall::Failure(ready.error());
  }
  orders::Api api(store, *parts->cache, *payments, feed);
  const auto server = lastcall::beast::HttpServer::create(
      *coordinator,
      {.address = settings.address,
       .port = settings.port,
       .websocket_notice = R"({"notice": "shutting down"})"},
      [&](auto request, auto respond) { api.handle(std::move(request), std::move(respond)); });
  if (!server) {
    return lastcall::Failure(server.error());
  }
  // Serves until a signal; then, in this order: WebSockets and HTTP, transaction worker, queue, Redis,
  // database, log. 0 if nothing was lost.
  const lastcall::DrainReport report = coordinator->run();
  std::fputs(report.to_text().c_str(), stderr);
  if (!settings.report.empty()) {
    std::ofstream(settings.report) << report.to_json();
  }
  return lastcall::finish(report);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 2 && std::string_view(argv[1]) == "--help") {
    std::fputs(orders::kUsage, stdout);
    return EXIT_SUCCESS;
  }
  const auto settings = orders::parse_settings(argc, argv);
  const auto status = settings ? serve(*settings) : Result<int>(lastcall::Failure(settings.error()));
  if (status) {
    return *status;
  }
  std::fprintf(stderr, "orders: %s\n%s\n%s", status.error().what.c_str(), status.error().fix.c_str(),
               settings ? "" : orders::kUsage);
  return status.error().exit_status;
}
