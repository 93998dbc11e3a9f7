// What one lane of the timeline shows: attempts (in flight as a tinted area, answered as bars that rise from
// a base line, refused as hollow bars and lost as crosses that hang from it), or spans of time. Each differs
// from the others in shape and place, not in colour alone. Pure; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "report/html.h"
#include "report/page_chart.h"

namespace lastcall::report::page {

inline constexpr int kLaneHeight = 40;  ///< pixels

/// `timeline`'s bins of one lane.
[[nodiscard]] Html draw_bins(const judge::Timeline& timeline, const judge::Timeline::Lane& lane,
                             const Frame& frame);

/// The same as numbers for the readout: "begun,good,bad,refused,in flight;…".
[[nodiscard]] std::string readout_of(const judge::Timeline::Lane& lane);

struct Span {
  Duration begin{};
  Duration end{};
  Mood mood = Mood::plain;
  std::string what;
};

/// Bars of time; a bad one ends in a cross.
[[nodiscard]] Html draw_spans(const std::vector<Span>& spans, const Frame& frame);

/// What the shapes of draw_bins() mean.
[[nodiscard]] Html legend();

/// Shapes that the lanes refer to; once on a page.
[[nodiscard]] Html shapes();

}  // namespace lastcall::report::page
