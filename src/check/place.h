// Places: where a URL or a path of the command line leads. Numbers and localhost only: nothing here asks a
// resolver. Pure.
#pragma once

#include <string_view>

#include "base/result.h"
#include "check/plan.h"

namespace lastcall::check {

/// "/readyz" (port 0: the server's own), ":9797/readyz" (on 127.0.0.1), "http://127.0.0.1:9797/readyz".
/// Without a path it is "/", without a port 80. Error: status 2; it does not repeat what may be a secret.
[[nodiscard]] Result<Place> parse_place(std::string_view text);

/// A path or URL without its query.
[[nodiscard]] std::string_view without_query(std::string_view text);

}  // namespace lastcall::check
