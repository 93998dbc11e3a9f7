#include "proxy/stream_policy.h"

namespace lastcall::proxy {

std::optional<StreamPolicy> find_policy(const std::vector<StreamRule>& rules, std::string_view path) {
  const StreamRule* longest = nullptr;
  for (const StreamRule& rule : rules) {
    const bool longer = longest == nullptr || rule.prefix.size() >= longest->prefix.size();
    if (longer && path.starts_with(rule.prefix)) {
      longest = &rule;
    }
  }
  return longest == nullptr ? std::nullopt : std::optional(longest->policy);
}

}  // namespace lastcall::proxy
