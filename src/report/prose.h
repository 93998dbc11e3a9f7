// Prose for terminals: wrapping, padding, and escaping what came from outside. Columns are counted in
// characters, all taken for one column wide. Nothing here knows colour. Any thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace lastcall::report {

/// Characters of UTF-8 text.
[[nodiscard]] std::size_t width(std::string_view text);

/// `text` with spaces up to `columns`; longer text as it is.
[[nodiscard]] std::string pad(std::string_view text, std::size_t columns);

/// At most `columns` characters, the last one "…" if some were left out.
[[nodiscard]] std::string cut_to(std::string_view text, std::size_t columns);

/// Lines of at most `columns`, each indented by `indent` and ended by a newline. Lines that begin with two
/// spaces are code and stand as they are; the others flow together. A word is never broken.
[[nodiscard]] std::string wrap(std::string_view text, std::size_t indent, std::size_t columns);

/// The same after a label that is as wide as the indent.
[[nodiscard]] std::string wrap_after(std::string_view label, std::string_view text, std::size_t indent,
                                     std::size_t columns);

/// Text from outside must not steer the terminal that shows it: control characters, those that turn the
/// writing direction, and bytes that are no UTF-8 become \xNN.
[[nodiscard]] std::string printable(std::string_view text);

}  // namespace lastcall::report
