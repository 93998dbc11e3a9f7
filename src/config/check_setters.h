// Setters that serve `lastcall check` alone. Private to config/; see setters.h.
#pragma once

#include <string_view>

#include "config/check_config.h"
#include "config/setters.h"

namespace lastcall::config {

/// "/…", a query allowed, without space, fragment or control character.
[[nodiscard]] Result<std::string> parse_request_path(std::string_view text);

/// The same, or with another port before it (":9797/readyz"), or a whole http:// URL.
[[nodiscard]] Result<std::string> parse_place(std::string_view text);

template <auto kField>
Result<void> set_request_path(CheckConfig& config, std::string_view text) {
  return store(config.*kField, parse_request_path(text));
}

template <auto kField>
Result<void> set_place(CheckConfig& config, std::string_view text) {
  return store(config.*kField, parse_place(text));
}

Result<void> set_url(CheckConfig& config, std::string_view text);
Result<void> set_pid(CheckConfig& config, std::string_view text);
Result<void> add_header(CheckConfig& config, std::string_view text);
Result<void> set_check_signal(CheckConfig& config, std::string_view text);
Result<void> set_behind(CheckConfig& config, std::string_view text);
Result<void> set_colour(CheckConfig& config, std::string_view text);

}  // namespace lastcall::config
