// Setters: how the text of an option becomes a field of RunConfig. Private to config/; each fits the table's
// Setter.
#pragma once

#include <string>
#include <string_view>

#include "base/signal_name.h"
#include "base/units.h"
#include "config/options.h"

namespace lastcall::config {

/// "on" or "off", and what others write for them.
[[nodiscard]] Result<bool> parse_switch(std::string_view text);

/// "/…" without query, space or control character.
[[nodiscard]] Result<std::string> parse_path(std::string_view text);

/// Stores what was parsed, or passes its error on.
template <class Field, class Value>
Result<void> store(Field& field, Result<Value> value) {
  if (!value) {
    return tl::unexpected(std::move(value).error());
  }
  field = static_cast<Field>(*std::move(value));
  return {};
}

template <auto kField>
Result<void> set_text(RunConfig& config, std::string_view text) {
  if (text.empty()) {
    return failure("it is empty", {}, 2);
  }
  config.*kField = text;
  return {};
}

template <auto kField>
Result<void> set_duration(RunConfig& config, std::string_view text) {
  return store(config.*kField, parse_duration(text));
}

template <auto kField>
Result<void> set_size(RunConfig& config, std::string_view text) {
  return store(config.*kField, parse_size(text));
}

template <auto kField, std::uint64_t kLeast, std::uint64_t kMost>
Result<void> set_count(RunConfig& config, std::string_view text) {
  return store(config.*kField, parse_count(text, kLeast, kMost));
}

template <auto kField>
Result<void> set_switch(RunConfig& config, std::string_view text) {
  return store(config.*kField, parse_switch(text));
}

template <auto kField>
Result<void> set_signal(RunConfig& config, std::string_view text) {
  return store(config.*kField, parse_signal(text));
}

// Those that serve one option each.
Result<void> set_admin(RunConfig& config, std::string_view text);
Result<void> set_app_port(RunConfig& config, std::string_view text);
Result<void> set_ready_check(RunConfig& config, std::string_view text);
Result<void> add_health_path(RunConfig& config, std::string_view text);
Result<void> set_notify_signal(RunConfig& config, std::string_view text);
Result<void> set_signal_target(RunConfig& config, std::string_view text);
Result<void> set_max_head(RunConfig& config, std::string_view text);
Result<void> set_log_format(RunConfig& config, std::string_view text);
Result<void> set_log_level(RunConfig& config, std::string_view text);

}  // namespace lastcall::config
