// The request target and the authority: which forms are taken and what is made of them (RFC 9112 §3.2).
// Not a URI parser: nothing is decoded or normalised.
#pragma once

#include <string_view>

#include "http/head.h"

namespace lastcall::http {

/// Fills target, path, authority and host of `head` from the target of the request line, whose bytes are all
/// visible ASCII; head.method is set. Returns why it is refused (400), or null.
[[nodiscard]] const char* read_target(std::string_view raw, RequestHead& head);

/// Whether `value` is uri-host [":" port] (RFC 9110 §7.2), or empty.
[[nodiscard]] bool is_host(std::string_view value);

}  // namespace lastcall::http
