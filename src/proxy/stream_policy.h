// StreamPolicy: what the drain does with an exchange that would outlast it: by the longest prefix of its path
// (LC207). Pure, any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lastcall::proxy {

enum class StreamPolicy : std::uint8_t {
  close,   ///< ended where it may end, if there is such a place: a WebSocket, an event stream
  finish,  ///< left alone until the drain deadline
  cut,     ///< cut as soon as the drain begins
};

struct StreamRule {
  std::string prefix;  ///< of the path
  StreamPolicy policy;
};

/// What the longest prefix says; nothing if none fits.
[[nodiscard]] std::optional<StreamPolicy> find_policy(const std::vector<StreamRule>& rules,
                                                      std::string_view path);

}  // namespace lastcall::proxy
