#include "config/setters.h"

#include <algorithm>

#include "config/platform.h"

namespace lastcall::config {
namespace {

constexpr std::size_t kMaxHealthPaths = 16;
constexpr int kOwnStatuses[] = {400, 408, 413, 414, 417, 431, 501, 502, 503, 504, 505};
constexpr std::uint64_t kMinHead = 1024;
constexpr std::uint64_t kMaxHead = 64 * kMinHead;  // what the proxy reads at once while a head is awaited

}  // namespace

Result<bool> parse_switch(std::string_view text) {
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; });
  for (const std::string_view word : {"on", "true", "yes", "1"}) {
    if (lower == word) {
      return true;
    }
  }
  for (const std::string_view word : {"off", "false", "no", "0"}) {
    if (lower == word) {
      return false;
    }
  }
  return failure("'" + std::string(text) + "' is neither on nor off", {}, 2);
}

Result<std::string> parse_path(std::string_view text) {
  const bool clean =
      std::ranges::all_of(text, [](char c) { return c > ' ' && c < 0x7f && c != '?' && c != '#'; });
  if (!text.starts_with('/') || !clean) {
    return failure("'" + std::string(text) + "' is not a path", "write it as /up, without host and query", 2);
  }
  return std::string(text);
}

Result<void> set_platform(RunConfig& config, std::string_view text) {
  if (text != "auto") {
    if (const auto known = platform_called(text); !known) {
      return tl::unexpected(known.error());
    }
  }
  config.platform = text;
  return {};
}

Result<void> set_admin(RunConfig& config, std::string_view text) {
  if (text == "off") {
    config.admin.clear();
    return {};
  }
  return set_text<&RunConfig::admin>(config, text);
}

Result<void> set_control(RunConfig& config, std::string_view text) {
  config.control_path.clear();
  if (text == "auto" || text == "off") {
    config.control = text == "off" ? ControlSocket::off : ControlSocket::automatic;
    return {};
  }
  if (text.find('/') == std::string_view::npos || text.starts_with('@')) {
    return failure("'" + std::string(text) + "' is none of auto, off and the path of a Unix socket",
                   "write a file in this folder as ./" + std::string(text), 2);
  }
  config.control = ControlSocket::asked;
  config.control_path = text;
  return {};
}

Result<void> set_app_port(RunConfig& config, std::string_view text) {
  if (text == "auto") {
    config.app_port.reset();
    return {};
  }
  return set_count<&RunConfig::app_port, 1, 65535>(config, text);
}

Result<void> set_ready_check(RunConfig& config, std::string_view text) {
  if (text.starts_with('/')) {
    config.ready_check.kind = ReadyCheck::Kind::path;
    return store(config.ready_check.path, parse_path(text));
  }
  config.ready_check.path.clear();
  const Choices<ReadyCheck::Kind> kinds = {
      {"tcp", ReadyCheck::Kind::tcp}, {"none", ReadyCheck::Kind::none}, {"notify", ReadyCheck::Kind::notify}};
  if (auto kind = parse_choice(text, kinds)) {
    config.ready_check.kind = *kind;
    return {};
  }
  return failure("'" + std::string(text) + "' is none of tcp, notify, none and a path such as /up", {}, 2);
}

Result<void> set_live_check(RunConfig& config, std::string_view text) {
  return store(config.live_check, parse_path(text));
}

Result<void> add_health_path(RunConfig& config, std::string_view text) {
  if (config.health_paths.size() == kMaxHealthPaths) {
    return failure("there are more than " + std::to_string(kMaxHealthPaths), {}, 2);
  }
  return store(config.health_paths.emplace_back(), parse_path(text));
}

Result<void> set_notify_signal(RunConfig& config, std::string_view text) {
  if (text == "none") {
    config.notify_signal.reset();
    return {};
  }
  return set_signal<&RunConfig::notify_signal>(config, text);
}

Result<void> add_remap_exit(RunConfig& config, std::string_view text) {
  constexpr std::uint64_t kMostStatus = 255;
  const std::size_t colon = std::min(text.find(':'), text.size());
  const auto from = parse_count(text.substr(0, colon), 0, kMostStatus);
  const auto to = parse_count(text.substr(std::min(colon + 1, text.size())), 0, kMostStatus);
  if (!from || !to) {
    return failure("'" + std::string(text) + "' is not two exit statuses from 0 to 255", "write it as 143:0",
                   2);
  }
  config.remap_exit[static_cast<int>(*from)] = static_cast<int>(*to);
  return {};
}

Result<void> set_signal_target(RunConfig& config, std::string_view text) {
  return store(config.signal_target, parse_choice<SignalTarget>(text, {{"auto", SignalTarget::automatic},
                                                                       {"child", SignalTarget::child},
                                                                       {"group", SignalTarget::group}}));
}

Result<void> add_error_page(RunConfig& config, std::string_view text) {
  const std::size_t equals = text.find('=');
  const auto status = parse_count(text.substr(0, equals), 100, 599);
  const bool has_file = equals != std::string_view::npos && equals + 1 < text.size();
  if (!status || !has_file) {
    return failure("'" + std::string(text) + "' is not STATUS=FILE", "write it as 503=/etc/app/503.html", 2);
  }
  if (std::ranges::find(kOwnStatuses, static_cast<int>(*status)) == std::end(kOwnStatuses)) {
    return failure(
        "lastcall itself never answers " + std::to_string(*status),
        "it answers 400, 408, 413, 414, 417, 431, 501, 502, 503, 504 and 505; an answer of the app's is "
        "never replaced",
        2);
  }
  config.error_pages.push_back({static_cast<int>(*status), std::string(text.substr(equals + 1))});
  return {};
}

Result<void> set_max_head(RunConfig& config, std::string_view text) {
  const auto size = parse_size(text);
  if (size && (*size < kMinHead || *size > kMaxHead)) {
    return failure(
        "'" + std::string(text) + "' is not between " + print_size(kMinHead) + " and " + print_size(kMaxHead),
        {}, 2);
  }
  return store(config.max_head, size);
}

Result<void> set_log_format(RunConfig& config, std::string_view text) {
  return store(config.log_format, parse_choice<LogFormat>(text, {{"auto", LogFormat::automatic},
                                                                 {"text", LogFormat::text},
                                                                 {"json", LogFormat::json}}));
}

Result<void> set_log_level(RunConfig& config, std::string_view text) {
  return store(config.log_level, parse_choice<LogLevel>(text, {{"debug", LogLevel::debug},
                                                               {"info", LogLevel::info},
                                                               {"warn", LogLevel::warn},
                                                               {"error", LogLevel::error}}));
}

Result<void> set_compat(RunConfig& config, std::string_view text) {
  return store(config.compat,
               parse_choice<Compat>(text, {{"none", Compat::none}, {"thruster", Compat::thruster}}));
}

}  // namespace lastcall::config
