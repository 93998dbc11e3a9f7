// Names of signals as people write and read them. Only names: sending, blocking and receiving belong to sys/.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace lastcall {

/// "TERM", "SIGTERM" or "15", case-insensitive. Error: status 2.
[[nodiscard]] Result<int> parse_signal(std::string_view text);

/// "SIGTERM"; "signal 40" for one without a name.
[[nodiscard]] std::string signal_name(int signal);

}  // namespace lastcall
