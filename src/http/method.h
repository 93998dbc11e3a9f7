// Request methods by name and by what they promise. Case-sensitive (RFC 9110 §9.1). Pure, any thread.
#pragma once

#include <string_view>

#include "http/head.h"

namespace lastcall::http {

/// Method::other for one that is not known by name.
[[nodiscard]] Method identify_method(std::string_view text);

/// RFC 9110 §9.2.2; false for a method that is not known.
[[nodiscard]] bool is_idempotent(Method method);

}  // namespace lastcall::http
