#include "config/check_setters.h"

#include <algorithm>
#include <csignal>

namespace lastcall::config {
namespace {

constexpr std::size_t kMaxHeaders = 32;
constexpr std::string_view kScheme = "http://";

bool is_clean(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c > ' ' && c < 0x7f && c != '#'; });
}

/// RFC 9110 §5.6.2.
bool is_token(std::string_view text) {
  constexpr std::string_view kToken =
      "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
  return !text.empty() && text.find_first_not_of(kToken) == std::string_view::npos;
}

/// What frames a message or says how its connection goes on is the load client's own.
bool is_ours(std::string_view name) {
  constexpr std::string_view kOurs[] = {
      "host", "connection", "content-length", "transfer-encoding", "upgrade", "expect", "te"};
  std::string lower(name);
  std::ranges::transform(lower, lower.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; });
  return std::ranges::find(kOurs, lower) != std::end(kOurs);
}

}  // namespace

Result<std::string> parse_request_path(std::string_view text) {
  if (!text.starts_with('/') || !is_clean(text)) {
    return failure("'" + std::string(text) + "' is not a path", "write it as /slow or /slow?seconds=2", 2);
  }
  return std::string(text);
}

Result<std::string> parse_place(std::string_view text) {
  if (text.starts_with('/')) {
    return parse_request_path(text);
  }
  const bool elsewhere = text.starts_with(kScheme) || text.starts_with(':');
  if (!elsewhere || !is_clean(text)) {
    return failure("'" + std::string(text) + "' is neither a path nor a URL",
                   "write it as /readyz, :9797/readyz or http://127.0.0.1:9797/readyz", 2);
  }
  return std::string(text);
}

// No error of a URL repeats it: it may hold a password.
Result<void> set_url(CheckConfig& config, std::string_view text) {
  if (text.starts_with("https://")) {
    return failure("https is not checked", "name the port behind the TLS terminator: http://HOST:PORT", 2);
  }
  if (!text.starts_with(kScheme) || text.size() == kScheme.size() || !is_clean(text)) {
    return failure("it is not a URL", "write it as http://HOST:PORT", 2);
  }
  config.url = text;
  return {};
}

Result<void> set_pid(CheckConfig& config, std::string_view text) {
  const auto pid = parse_count(text, 0, 0x7fffffff);
  if (pid && *pid <= 1) {
    return failure("process " + std::string(text) + " is never signalled",
                   "name the server's own process; for the first one of a container, run check outside", 2);
  }
  return store(config.pid, pid);
}

Result<void> add_header(CheckConfig& config, std::string_view text) {
  const std::string_view name = text.substr(0, text.find(':'));
  const bool clean = std::ranges::all_of(text, [](char c) { return (c >= ' ' && c != 0x7f) || c == '\t'; });
  if (name.size() == text.size() || !is_token(name) || !clean) {
    return failure("it is not a header field", "write it as 'Name: value'", 2);
  }
  if (is_ours(name)) {
    return failure("'" + std::string(name) + "' is the load client's own", {}, 2);
  }
  if (config.headers.size() == kMaxHeaders) {
    return failure("there are more than " + std::to_string(kMaxHeaders), {}, 2);
  }
  config.headers.emplace_back(text);
  return {};
}

Result<void> set_check_signal(CheckConfig& config, std::string_view text) {
  const auto number = parse_signal(text);
  if (number && (*number == SIGKILL || *number == SIGSTOP)) {
    return failure("no program can answer " + signal_name(*number),
                   "name the signal by which it is asked to stop, such as TERM, INT or QUIT", 2);
  }
  return store(config.signal, number);
}

Result<void> set_behind(CheckConfig& config, std::string_view text) {
  if (text != "haproxy" && text != "nginx") {
    return failure("there is no balancer '" + std::string(text) + "'", "choose haproxy or nginx", 2);
  }
  config.behind = text;
  return {};
}

Result<void> set_colour(CheckConfig& config, std::string_view text) {
  return store(config.colour, parse_choice<Colour>(text, {{"auto", Colour::automatic},
                                                          {"always", Colour::always},
                                                          {"never", Colour::never}}));
}

}  // namespace lastcall::config
