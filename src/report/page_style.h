// The page's style sheet and its one script. Constants; the page holds them as they stand.
#pragma once

#include <string_view>

namespace lastcall::report::page {

extern const std::string_view kStyle;

/// Tells what a lane shows under the pointer, and opens every detail for print. The page says the same
/// without it.
extern const std::string_view kScript;

/// The only script that the page's policy lets run: "sha256-…" of kScript (CSP3 §2.3.1). tests/page checks
/// it.
extern const std::string_view kScriptHash;

}  // namespace lastcall::report::page
