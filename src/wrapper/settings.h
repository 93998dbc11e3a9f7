// Settings: everything that the supervisor is told, as plain data, read once.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "drain/budget.h"
#include "sys/address.h"
#include "wrapper/service_manager.h"

namespace lastcall::wrapper {

/// Whom the stop signal goes to.
enum class SignalTarget : std::uint8_t {
  automatic,  ///< the child; its whole group too if it has not exited in half of its time, or left others
              ///< behind
  child,
  group,
};

struct ReadySettings {
  enum class Kind : std::uint8_t { none, tcp, path, notify };

  Kind kind = Kind::tcp;
  std::string path{};  ///< of Kind::path
};

struct Settings {
  std::vector<std::string> argv;
  std::vector<std::string> environment;
  bool foreground = false;

  std::optional<int> stop_signal{};    ///< nothing: the one that we got
  std::optional<int> notify_signal{};  ///< sent at t0
  SignalTarget signal_target = SignalTarget::automatic;

  std::map<int, int> remap_exit{};  ///< from the app's own status to ours

  sys::Address upstream;
  ReadySettings ready{};
  std::string live_path{};         ///< empty: liveness is our own
  bool ready_while_delay = false;  ///< ready until the lame duck is over
  Duration start_timeout = 30s;    ///< 0: no limit

  drain::BudgetPlan budget;
  ServiceManager::Settings manager{};
  std::string signal_us_alone{};  ///< how to keep the platform from signalling the app beside us
  bool progress = false;          ///< draw a live line on standard error
};

}  // namespace lastcall::wrapper
