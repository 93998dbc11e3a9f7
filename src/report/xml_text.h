// Text from outside as XML 1.0 can carry it: markup escaped, what no document may hold left out or replaced.
// Only text and attribute values; no tags, no nesting. Any thread.
#pragma once

#include <string>
#include <string_view>

namespace lastcall::report {

/// Safe as text and between quotes of both kinds. Control characters are left out but for line ends and tabs,
/// which a reader takes for spaces in an attribute (XML 1.0 §3.3.3). Each byte that is no part of valid UTF-8
/// (RFC 3629), and each character that XML forbids (§2.2), becomes U+FFFD.
[[nodiscard]] std::string xml_text(std::string_view text);

}  // namespace lastcall::report
