// Phase: where a process stands between its start and its end. It only ever moves forward.
#pragma once

#include <cstdint>
#include <string_view>

namespace lastcall {

enum class Phase : std::uint8_t {
  starting,   ///< not yet able to serve
  serving,    ///< ready
  lame_duck,  ///< not ready, but still accepting
  draining,   ///< takes no new connection, finishes what it has
  stopping,   ///< nothing can arrive any more: the app, the databases, the logs are stopped
  stopped,    ///< only the report is left
};

constexpr std::string_view to_string(Phase phase) {
  constexpr std::string_view kNames[] = {"starting", "serving",  "lame_duck",
                                         "draining", "stopping", "stopped"};
  return kNames[static_cast<std::uint8_t>(phase)];
}

}  // namespace lastcall
