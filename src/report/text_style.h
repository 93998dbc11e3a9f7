// How text on a terminal looks: its width, and colours only where they are wanted. Not whether they are
// wanted: that is for whoever knows the terminal. Any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "judge/verdict.h"

namespace lastcall::report {

struct TextStyle {
  std::size_t columns = 100;
  bool colour = false;
};

enum class Ink : std::uint8_t { plain, good, bad, warning, faint, strong };

/// The text between the escape sequences of its ink, or just the text. Paint last: painted text has no width.
[[nodiscard]] std::string paint(std::string_view text, Ink ink, const TextStyle& style);

[[nodiscard]] Ink ink_of(judge::Status status);

/// "FAILED"
[[nodiscard]] std::string shout(judge::Status status);

}  // namespace lastcall::report
