#include "config/thruster.h"

namespace lastcall::config {
namespace {

struct Lacking {
  std::string_view variable;
  std::string_view unless;  ///< the values that ask for nothing, between spaces
  std::string_view told;
};

constexpr std::string_view kFalse = " 0 f F false False FALSE ";

constexpr Lacking kLacking[] = {
    {"CACHE_SIZE", " 0 ", "lastcall has no HTTP cache"},
    {"MAX_CACHE_ITEM_SIZE", " 0 ", "lastcall has no HTTP cache"},
    {"GZIP_COMPRESSION_ENABLED", kFalse, "lastcall does not compress: let the app or the CDN do it"},
    {"X_SENDFILE_ENABLED", kFalse, "lastcall serves no files: the app sends them itself"},
    {"H2C_ENABLED", kFalse, "lastcall speaks HTTP/1.1 only"},
    {"HTTP_READ_TIMEOUT", " 0 ", "lastcall applies it to the head of a request, not to its body"},
    {"HTTP_WRITE_TIMEOUT", " 0 ", "lastcall sets no limit on how long a response may take"},
};

std::string prefixed(std::string_view name) {
  return "THRUSTER_" + std::string(name);
}

/// The prefixed name wins, as it does for Thruster.
const std::string* value_of(const Environment& environment, std::string_view name) {
  const std::string* const value = find_variable(environment, prefixed(name));
  return value != nullptr ? value : find_variable(environment, name);
}

bool asks_for_nothing(const Lacking& lacking, const std::string& value) {
  return lacking.unless.find(" " + value + " ") != std::string_view::npos;
}

}  // namespace

Result<std::vector<std::string>> thruster_differences(const Environment& environment) {
  if (value_of(environment, "TLS_DOMAIN") != nullptr) {
    return failure("TLS_DOMAIN: lastcall has no TLS, and Thruster would encrypt",
                   "put what ends TLS in front (kamal-proxy, Caddy, a load balancer) and unset TLS_DOMAIN",
                   2);
  }
  std::vector<std::string> warnings = {
      "unlike Thruster, lastcall neither caches nor compresses responses, nor serves X-Sendfile files"};
  for (const Lacking& lacking : kLacking) {
    const std::string* const value = value_of(environment, lacking.variable);
    if (value != nullptr && !asks_for_nothing(lacking, *value)) {
      warnings.push_back(std::string(lacking.variable) + "=" + *value + ": " + std::string(lacking.told));
    }
  }
  return warnings;
}

}  // namespace lastcall::config
