// The drawn timeline: a stretch of time around the signal, flags for what happened, and one lane under the
// other. What a lane shows is drawn by page_lanes.h. Positions are shares of the width, so that one drawing
// fits a phone and a wide screen; only texts have a size of their own. Pure; any thread.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/time.h"
#include "judge/verdict.h"
#include "report/html.h"

namespace lastcall::report::page {

/// What a chart spans. Charts that stand side by side share one frame, and so one scale.
struct Frame {
  Duration begin{};
  Duration end{};         ///< after begin
  std::size_t flags = 0;  ///< lines of flags to leave room for

  /// From 0 to 1000 across the frame; what lies outside is held at its edge.
  [[nodiscard]] double across(Duration at) const;
};

/// From the first begin to a little after the last thing that happened in some timelines. Never empty.
[[nodiscard]] Frame frame_of(std::span<const judge::Timeline* const> timelines);

enum class Mood : std::uint8_t { good, bad, plain };

struct ChartLane {
  std::string name;
  std::string result;
  Mood mood = Mood::plain;
  Html drawing;      ///< of page_lanes.h: SVG content of kLaneHeight
  std::string bins;  ///< what the readout tells of it; may be empty
};

struct Chart {
  Frame frame;
  Duration bins_begin{};  ///< of the readout
  Duration bin{};         ///< 0: there is none
  std::vector<judge::Timeline::Mark> marks;
  std::vector<ChartLane> lanes;
};

[[nodiscard]] Html draw(const Chart& chart);

/// About how many pixels high it is on a wide screen.
[[nodiscard]] int height_of(const Chart& chart);

}  // namespace lastcall::report::page
