#include "settings.h"

#include <charconv>
#include <functional>
#include <map>
#include <string_view>

namespace orders {
namespace {

using lastcall::Result;

constexpr int kUsageStatus = 2;

Result<std::uint16_t> parse_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc() || end != text.data() + text.size()) {
    return lastcall::failure("this is no port: " + std::string(text), {}, kUsageStatus);
  }
  return port;
}

Result<HostPort> parse_host_port(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) {
    return lastcall::failure("HOST:PORT is wanted, not " + std::string(text), {}, kUsageStatus);
  }
  return parse_port(text.substr(colon + 1)).map([&](std::uint16_t port) {
    return HostPort{std::string(text.substr(0, colon)), port};
  });
}

template <class Value, class Target>
Result<void> assign(Result<Value> value, Target& target) {
  return value.map([&](const Value& parsed) { target = parsed; });
}

}  // namespace

const char* const kUsage =
    "orders [OPTIONS]: takes orders over HTTP, and stops without losing one\n"
    "  --address ADDR         where to listen (127.0.0.1)\n"
    "  --port PORT            for requests (8080)\n"
    "  --admin-port PORT      for probes, metrics and status (9797)\n"
    "  --sqlite FILE          keep orders in this file (orders.db)\n"
    "  --postgres URL         or in PostgreSQL: postgresql://user@host/database\n"
    "  --redis HOST:PORT      cache, and locks shared with other replicas\n"
    "  --rabbitmq HOST:PORT   payments go through this broker\n"
    "  --report FILE          write what became of a shutdown, as JSON\n"
    "GRACEFUL_SHUTDOWN_TIMEOUT_MS: from SIGTERM to the kill (30000)\n";

Result<Settings> parse_settings(int argc, char** argv) {
  Settings settings;
  const std::map<std::string_view, std::function<Result<void>(std::string_view)>> options = {
      {"--address", [&](auto text) { return assign(Result<std::string>(text), settings.address); }},
      {"--port", [&](auto text) { return assign(parse_port(text), settings.port); }},
      {"--admin-port", [&](auto text) { return assign(parse_port(text), settings.admin_port); }},
      {"--sqlite", [&](auto text) { return assign(Result<std::string>(text), settings.sqlite); }},
      {"--postgres", [&](auto text) { return assign(Result<std::string>(text), settings.postgres); }},
      {"--redis", [&](auto text) { return assign(parse_host_port(text), settings.redis); }},
      {"--report", [&](auto text) { return assign(Result<std::string>(text), settings.report); }},
      {"--rabbitmq", [&](auto text) { return assign(parse_host_port(text), settings.rabbitmq); }},
  };
  for (int i = 1; i < argc; i += 2) {
    const auto option = options.find(argv[i]);
    if (option == options.end() || i + 1 == argc) {
      return lastcall::failure(option == options.end() ? "unknown: " + std::string(argv[i])
                                                       : std::string(argv[i]) + " needs a value",
                               {}, kUsageStatus);
    }
    if (auto set = option->second(argv[i + 1]); !set) {
      return lastcall::Failure(set.error());
    }
  }
  return settings;
}

}  // namespace orders
