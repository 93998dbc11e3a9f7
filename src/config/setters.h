// Setters: how the text of an option becomes a field of a configuration. Private to config/; each fits the
// table's Setter.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

#include "base/signal_name.h"
#include "base/units.h"
#include "config/options.h"

namespace lastcall::config {

/// "on" or "off", and what others write for them.
[[nodiscard]] Result<bool> parse_switch(std::string_view text);

/// "/…" without query, space or control character.
[[nodiscard]] Result<std::string> parse_path(std::string_view text);

template <class Value>
using Choices = std::initializer_list<std::pair<std::string_view, Value>>;

/// One of a few words.
template <class Value>
Result<Value> parse_choice(std::string_view text, Choices<Value> choices) {
  std::string words;
  for (const auto& [word, value] : choices) {
    if (word == text) {
      return value;
    }
    words += (words.empty() ? "" : ", ") + std::string(word);
  }
  return failure("'" + std::string(text) + "' is none of " + words, {}, 2);
}

/// Stores what was parsed, or passes its error on.
template <class Field, class Value>
Result<void> store(Field& field, Result<Value> value) {
  if (!value) {
    return tl::unexpected(std::move(value).error());
  }
  field = static_cast<Field>(*std::move(value));
  return {};
}

template <class Config, class Field>
Config config_of(Field Config::* field);

/// The configuration that a field belongs to.
template <auto kField>
using ConfigOf = decltype(config_of(kField));

template <auto kField>
Result<void> set_text(ConfigOf<kField>& config, std::string_view text) {
  if (text.empty()) {
    return failure("it is empty", {}, 2);
  }
  config.*kField = text;
  return {};
}

template <auto kField>
Result<void> set_duration(ConfigOf<kField>& config, std::string_view text) {
  return store(config.*kField, parse_duration(text));
}

template <auto kField>
Result<void> set_size(ConfigOf<kField>& config, std::string_view text) {
  return store(config.*kField, parse_size(text));
}

template <auto kField, std::uint64_t kLeast, std::uint64_t kMost>
Result<void> set_count(ConfigOf<kField>& config, std::string_view text) {
  return store(config.*kField, parse_count(text, kLeast, kMost));
}

/// A size of at most `kMost` bytes.
template <auto kField, std::uint64_t kMost>
Result<void> set_size_up_to(ConfigOf<kField>& config, std::string_view text) {
  const auto size = parse_size(text);
  if (size && *size > kMost) {
    return failure("'" + std::string(text) + "' is more than " + print_size(kMost), {}, 2);
  }
  return store(config.*kField, size);
}

template <auto kField>
Result<void> set_switch(ConfigOf<kField>& config, std::string_view text) {
  return store(config.*kField, parse_switch(text));
}

template <auto kField>
Result<void> set_signal(ConfigOf<kField>& config, std::string_view text) {
  return store(config.*kField, parse_signal(text));
}

// Those that serve one option of `lastcall run` each.
Result<void> set_platform(RunConfig& config, std::string_view text);
Result<void> set_admin(RunConfig& config, std::string_view text);
Result<void> set_control(RunConfig& config, std::string_view text);
Result<void> set_app_port(RunConfig& config, std::string_view text);
Result<void> set_ready_check(RunConfig& config, std::string_view text);
Result<void> set_live_check(RunConfig& config, std::string_view text);
Result<void> add_health_path(RunConfig& config, std::string_view text);
Result<void> set_notify_signal(RunConfig& config, std::string_view text);
Result<void> add_remap_exit(RunConfig& config, std::string_view text);
Result<void> set_signal_target(RunConfig& config, std::string_view text);
Result<void> add_error_page(RunConfig& config, std::string_view text);
Result<void> add_stream_rule(RunConfig& config, std::string_view text);
Result<void> set_ws_close_code(RunConfig& config, std::string_view text);
Result<void> set_ws_close_reason(RunConfig& config, std::string_view text);
Result<void> set_max_head(RunConfig& config, std::string_view text);
Result<void> set_log_format(RunConfig& config, std::string_view text);
Result<void> set_log_level(RunConfig& config, std::string_view text);
Result<void> set_compat(RunConfig& config, std::string_view text);

}  // namespace lastcall::config
