// The setters of what the drain does with WebSockets and streams.
#include <algorithm>

#include "base/close_code.h"
#include "config/setters.h"

namespace lastcall::config {
namespace {

constexpr std::size_t kMaxStreamRules = 64;
constexpr std::size_t kMaxCloseReason = 123;  // RFC 6455 §5.5: a control frame's 125 bytes, less the code

}  // namespace

Result<void> add_stream_rule(RunConfig& config, std::string_view text) {
  const std::size_t equals = text.rfind('=');
  if (equals == std::string_view::npos) {
    return failure("'" + std::string(text) + "' names no policy", "write it as /events=finish", 2);
  }
  if (config.stream_rules.size() == kMaxStreamRules) {
    return failure("there are more than " + std::to_string(kMaxStreamRules), {}, 2);
  }
  StreamRule& rule = config.stream_rules.emplace_back();
  if (auto prefix = store(rule.prefix, parse_path(text.substr(0, equals))); !prefix) {
    return prefix;
  }
  return store(rule.policy,
               parse_choice<StreamPolicy>(text.substr(equals + 1), {{"close", StreamPolicy::close},
                                                                    {"finish", StreamPolicy::finish},
                                                                    {"cut", StreamPolicy::cut}}));
}

Result<void> set_ws_close_code(RunConfig& config, std::string_view text) {
  const auto code = parse_count(text, 1000, 4999);
  if (code && !close_code_may_be_sent(static_cast<unsigned>(*code))) {
    return failure("'" + std::string(text) + "' is no code that a Close frame may carry",
                   "use 1001, 1012, 1013, or one of your own from 3000 to 4999", 2);
  }
  return store(config.ws_close_code, code);
}

Result<void> set_ws_close_reason(RunConfig& config, std::string_view text) {
  if (text.size() > kMaxCloseReason) {
    return failure(
        "it is longer than the " + std::to_string(kMaxCloseReason) + " bytes that a Close frame takes", {},
        2);
  }
  if (!std::ranges::all_of(text, [](char c) { return c >= ' ' && c < 0x7f; })) {
    return failure("'" + std::string(text) + "' holds other characters than printable ASCII", {}, 2);
  }
  config.ws_close_reason = text;
  return {};
}

}  // namespace lastcall::config
