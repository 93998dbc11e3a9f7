// UTF-8 as far as errors of a settings file need it: one character, and how TOML writes it in ASCII. Private
// to config/. Pure, any thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace lastcall::config {

/// How many bytes the first character of `text` has; 0 if it does not begin with one (RFC 3629 §4). `text` is
/// not empty.
[[nodiscard]] std::size_t character_size(std::string_view text);

/// \u00e9 for é (TOML 1.0, String). `character` is one whole character.
[[nodiscard]] std::string toml_escape(std::string_view character);

}  // namespace lastcall::config
