// The nearest known word to a mistyped one, for "did you mean". Pure.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace lastcall::config {

/// The candidate that differs from `word` by the fewest edits (insert, delete, replace, swap of neighbours),
/// `most` at most. Empty if there is none.
[[nodiscard]] std::string nearest_within(std::string_view word, std::span<const std::string> candidates,
                                         std::size_t most);

/// The only flag that ends in `word` (--port: --app-port); else the same for at most one edit in three
/// letters; else the first candidate that begins with `word`.
[[nodiscard]] std::string nearest(std::string_view word, std::span<const std::string> candidates);

}  // namespace lastcall::config
