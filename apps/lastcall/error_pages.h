// The operator's own error pages, read once at start: a missing file is found then, not at the first error.
#pragma once

#include <span>

#include "base/result.h"
#include "config/run_config.h"
#include "proxy/answers.h"

namespace lastcall {

inline constexpr std::size_t kMaxErrorPage = std::size_t{256} << 10U;

/// Of a status given twice the last page counts. Error: status 2, the first file that cannot be used.
[[nodiscard]] Result<proxy::ErrorPages> read_error_pages(std::span<const config::ErrorPage> pages);

}  // namespace lastcall
