// The words of an option that help, documentation and manual share, and their lines. Not how any of them
// looks. Private to config/. Pure, any thread.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "config/options.h"

namespace lastcall::config {

/// "--grace D"
[[nodiscard]] std::string flag_text(const Option& option);

/// Its default, in its own syntax or in words.
[[nodiscard]] std::string default_text(const Option& option);

/// Sentences that follow the option's help: other tools' variables, each between two of `mark`.
[[nodiscard]] std::string other_names(const Option& option, std::string_view mark);

/// Appends `text` in lines of at most `columns`, the following ones indented.
void append_wrapped(std::string& out, std::string_view text, std::size_t indent, std::size_t columns);

struct Paragraph {
  std::string text;  ///< one line, unless it is verbatim

  /// One that is indented keeps its lines.
  [[nodiscard]] bool is_verbatim() const { return text.starts_with(' '); }
};

/// Calls `visit(paragraph)` for each of those that an empty line parts.
template <class Visit>
void for_each_paragraph(std::string_view prose, const Visit& visit) {
  while (!prose.empty()) {
    const std::size_t end = std::min(prose.find("\n\n"), prose.size());
    Paragraph paragraph{std::string(prose.substr(0, end))};
    if (!paragraph.is_verbatim()) {
      std::ranges::replace(paragraph.text, '\n', ' ');
    }
    visit(std::as_const(paragraph));
    prose.remove_prefix(std::min(end + 2, prose.size()));
  }
}

}  // namespace lastcall::config
