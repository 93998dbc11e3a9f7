#include "judge/trial.h"

#include <array>

namespace lastcall::judge {

std::string_view to_string(Kind kind) {
  static constexpr std::array<std::string_view, kKinds> kNames = {
      "fresh",     "keep-alive",  "idle",        "silent",    "slow",
      "upload",    "held-upload", "download",    "pipelined", "expect-continue",
      "half-head", "websocket",   "event-stream"};
  return kNames[static_cast<std::size_t>(kind)];
}

bool rests(Kind kind) {
  return kind == Kind::idle || kind == Kind::silent || kind == Kind::websocket || kind == Kind::event_stream;
}

bool disturbed(const Trial& trial) {
  constexpr Duration kLatestClient = 50ms;
  return trial.saturated || lag(trial.observations, trial.signalled()).p99 > kLatestClient;
}

}  // namespace lastcall::judge
