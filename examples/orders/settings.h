// Settings: what the command line says. Nothing else reads it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "lastcall/result.h"

namespace orders {

struct HostPort {
  std::string host{};
  std::uint16_t port = 0;
};

struct Settings {
  std::string address = "127.0.0.1";
  std::uint16_t port = 8080;
  std::uint16_t admin_port = 9797;
  std::string sqlite = "orders.db";
  std::string postgres{};  ///< in place of SQLite
  std::optional<HostPort> redis{};
  std::optional<HostPort> rabbitmq{};  ///< in place of the queue within the process
  std::string report{};                ///< where the report of the shutdown goes, as JSON
};

extern const char* const kUsage;

/// Error: status 2.
[[nodiscard]] lastcall::Result<Settings> parse_settings(int argc, char** argv);

}  // namespace orders
