// The reason phrases of the answers that lastcall gives by itself (RFC 9110 §15). An app's own phrase is
// forwarded as it came.
#pragma once

#include <string_view>

namespace lastcall::http {

/// "Error" for a status that lastcall never answers with.
[[nodiscard]] std::string_view reason_phrase(int status);

}  // namespace lastcall::http
