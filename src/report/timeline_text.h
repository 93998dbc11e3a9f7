// A timeline as lines of blocks: time runs to the right, the signal stands between two cells. Several
// timelines drawn on one Axis can be compared. Any thread.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "judge/verdict.h"
#include "report/text_style.h"

namespace lastcall::report {

class Axis {
 public:
  /// From `begin` (at most 0) to `end` (more than 0), since the signal, in at most `columns` (at least 8).
  Axis(Duration begin, Duration end, std::size_t columns);

  [[nodiscard]] std::size_t width() const { return before_ + 1 + after_; }

  /// "-1s  0  +1s": no wider than the axis.
  [[nodiscard]] std::string ticks() const;

  /// A pointer down to each mark's column. Marks in one column share it.
  [[nodiscard]] std::string pointers(std::span<const judge::Timeline::Mark> marks) const;

  /// The lane as wide as the axis. Blocks: how much is served or in flight; ─ a connection that rests, ┤ its
  /// end in good order; ✗ something was lost; ░ refused,
  /// or not ready.
  [[nodiscard]] std::string draw(const judge::Timeline& timeline, const judge::Timeline::Lane& lane,
                                 const TextStyle& style) const;

 private:
  /// The column of an instant, clamped to the axis.
  [[nodiscard]] std::size_t column(Duration at) const;
  [[nodiscard]] std::vector<judge::Timeline::Bin> resample(const judge::Timeline& timeline,
                                                           const judge::Timeline::Lane& lane) const;

  Duration cell_;
  std::size_t before_;  ///< cells
  std::size_t after_;
};

/// Until when something happens in a timeline, since the signal.
[[nodiscard]] Duration end_of(const judge::Timeline& timeline);

/// What the pointers point at, escaped: "0 ms SIGTERM", "+12 ms listener closed".
[[nodiscard]] std::vector<std::string> mark_texts(std::span<const judge::Timeline::Mark> marks);

inline constexpr std::string_view kLegend =
    "▁█ served   ─┤ resting, ended well   ░ refused, not ready   ✗ lost";

}  // namespace lastcall::report
