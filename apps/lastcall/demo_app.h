// The app that `lastcall demo` stops when no other is named: an HTTP server that stops as many real ones do,
// puma for one. Not a server for anything else: it gives every request the same answer and reads no bodies.
// Runs on the calling thread, alone in its process.
#pragma once

#include <string_view>

#include "base/result.h"
#include "sys/address.h"

namespace lastcall {

inline constexpr std::string_view kDemoSlowPath = "/slow";

/// Serves there until SIGTERM or SIGINT. Then it closes its listener and its idle connections at once,
/// answers what it has begun, and takes 3 s until it returns. An answer takes 2 ms, of kDemoSlowPath 1 s.
/// Error: status 1, it cannot listen there or has run out of descriptors.
[[nodiscard]] Result<void> serve_demo_app(const sys::Address& listen);

}  // namespace lastcall
