// The rows of the option table of `lastcall run`, by the groups that --help shows; run_table() joins them.
// Private to config/. Constant data, any thread.
#pragma once

#include "config/options.h"

namespace lastcall::config {

[[nodiscard]] Group address_options();
[[nodiscard]] Group app_options();
[[nodiscard]] Group shutdown_options();
[[nodiscard]] Group stream_options();
[[nodiscard]] Group signal_options();
[[nodiscard]] Group request_options();
[[nodiscard]] Group buffer_options();
[[nodiscard]] Group output_options();
[[nodiscard]] Group source_options();

}  // namespace lastcall::config
