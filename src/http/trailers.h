// Which trailer fields are forwarded. Not their parser: body.cc finds the lines, fields.h reads them.
#pragma once

#include <string_view>

namespace lastcall::http {

/// Whether a trailer field may go on: false for what frames, routes, modifies, authenticates or describes the
/// message, which a recipient that merges trailers into the head would act on (RFC 9110 §6.5.1).
[[nodiscard]] bool is_trailer_allowed(std::string_view name);

}  // namespace lastcall::http
