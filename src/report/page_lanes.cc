#include "report/page_lanes.h"

#include <algorithm>

#include <fmt/format.h>

#include "report/page_words.h"

namespace lastcall::report::page {

namespace {

using judge::Timeline;
using Bin = Timeline::Bin;
using Counts = std::vector<std::uint32_t>;

// Within a lane, in pixels from its top: answers rise from the base line, losses hang from it.
constexpr double kBase = 24;
constexpr double kRise = 19;
constexpr double kFall = 9;
constexpr double kLeast = 0.15;  // of the height, for what is there at all

constexpr double kCrossRadius = 3.5;
constexpr double kCrossSpacing = 14;  // of 1000: nearer ones are drawn as one

Counts counts_of(const Timeline::Lane& lane, std::uint32_t Bin::* what) {
  Counts counts;
  for (const Bin& bin : lane.bins) {
    counts.push_back(bin.*what);
  }
  return counts;
}

/// How high each count stands, from 0 to 1: its share of the largest, but never so little that it is not
/// seen.
std::vector<double> heights(const Counts& counts) {
  const std::uint32_t most = counts.empty() ? 0 : std::ranges::max(counts);
  std::vector<double> all;
  for (const std::uint32_t count : counts) {
    all.push_back(count == 0 ? 0 : std::max(static_cast<double>(count) / most, kLeast));
  }
  return all;
}

/// Where the bins of a timeline stand in a frame.
class Columns {
 public:
  Columns(const Timeline& timeline, const Frame& frame) : timeline_(timeline), frame_(frame) {}

  [[nodiscard]] Duration begin(std::size_t bin) const {
    return timeline_.begin + timeline_.bin * static_cast<Duration::rep>(bin);
  }

  [[nodiscard]] double left(std::size_t bin) const { return frame_.across(begin(bin)); }

  [[nodiscard]] double middle(std::size_t bin) const { return (left(bin) + left(bin + 1)) / 2; }

 private:
  const Timeline& timeline_;
  const Frame& frame_;
};

/// A bar for each bin that is not empty.
std::string bars(const Columns& columns, const Counts& counts) {
  const std::vector<double> height = heights(counts);
  std::string path;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    if (counts[i] > 0) {
      const double width = (columns.left(i + 1) - columns.left(i)) * 0.82;
      path += fmt::format("M{:.1f} {}h{:.1f}v-{:.1f}h-{:.1f}z", columns.left(i), kBase, width,
                          kRise * height[i], width);
    }
  }
  return path;
}

/// The outline of each run of bins that are not empty, up to `reach` from the base line; upwards is negative.
std::string skyline(const Columns& columns, const Counts& counts, double reach) {
  const std::vector<double> height = heights(counts);
  std::string path;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    if (counts[i] == 0) {
      continue;
    }
    const bool begins = i == 0 || counts[i - 1] == 0;
    const bool ends = i + 1 == counts.size() || counts[i + 1] == 0;
    path += begins ? fmt::format("M{:.1f} {}", columns.left(i), kBase) : "";
    path += fmt::format("V{:.1f}H{:.1f}", kBase + reach * height[i], columns.left(i + 1));
    path += ends ? fmt::format("V{}", kBase) : "";
  }
  return path;
}

Html path(std::string_view style, const std::string& d) {
  return d.empty() ? Html() : shape("path", {{"class", std::string(style)}, {"d", d}});
}

/// A cross that hangs from the base line.
Html cross(double across, const std::string& what) {
  const std::string x = fmt::format("{:.2f}%", across / 10);
  return element("g", {{"class", "loss"}},
                 element("title", {}, what) +
                     shape("line", {{"x1", x},
                                    {"x2", x},
                                    {"y1", fmt::format("{}", kBase)},
                                    {"y2", fmt::format("{}", kBase + kFall - kCrossRadius)}}) +
                     shape("use", {{"href", "#cross"}, {"x", x}, {"y", fmt::format("{}", kBase + kFall)}}));
}

/// Neighbours too near to tell apart share a cross.
Html crosses(const Columns& columns, const Counts& lost) {
  Html all;
  for (std::size_t i = 0; i < lost.size(); ++i) {
    if (lost[i] == 0) {
      continue;
    }
    const std::size_t first = i;
    std::uint64_t sum = lost[i];
    while (i + 1 < lost.size() && columns.middle(i + 1) - columns.middle(first) < kCrossSpacing) {
      sum += lost[++i];
    }
    all += cross((columns.middle(first) + columns.middle(i)) / 2,
                 fmt::format("{} lost from {}", grouped(sum), since_signal(columns.begin(first))));
  }
  return all;
}

/// Content whose x runs from 0 to 1000 whatever the width on the screen.
Html stretched(const Html& content) {
  return element("svg",
                 {{"viewBox", fmt::format("0 0 1000 {}", kLaneHeight)},
                  {"preserveAspectRatio", "none"},
                  {"width", "100%"},
                  {"height", fmt::format("{}", kLaneHeight)}},
                 content);
}

Html base_line() {
  return path("base", fmt::format("M0 {}H1000", kBase));
}

Html sample(const char* meaning, const Html& drawing) {
  const Html picture = element(
      "svg", {{"viewBox", "0 4 30 34"}, {"width", "30"}, {"height", "34"}, {"aria-hidden", "true"}}, drawing);
  return element("li", {}, picture + meaning);
}

}  // namespace

Html draw_bins(const Timeline& timeline, const Timeline::Lane& lane, const Frame& frame) {
  const Columns columns(timeline, frame);
  return stretched(path("flight", skyline(columns, counts_of(lane, &Bin::in_flight), -kRise)) +
                   path("good", bars(columns, counts_of(lane, &Bin::good))) + base_line() +
                   path("refused", skyline(columns, counts_of(lane, &Bin::refused), kFall))) +
         crosses(columns, counts_of(lane, &Bin::bad));
}

std::string readout_of(const Timeline::Lane& lane) {
  std::string all;
  for (const Bin& bin : lane.bins) {
    all += fmt::format("{}{},{},{},{},{}", all.empty() ? "" : ";", bin.begun, bin.good, bin.bad, bin.refused,
                       bin.in_flight);
  }
  return all;
}

Html draw_spans(const std::vector<Span>& spans, const Frame& frame) {
  constexpr std::string_view kStyles[] = {"span good", "span bad", "span plain"};
  Html bars = base_line();
  Html ends;
  for (const Span& span : spans) {
    const double left = frame.across(span.begin);
    const double width = std::max(frame.across(span.end) - left, 2.0);
    bars += element("path",
                    {{"class", std::string(kStyles[static_cast<std::size_t>(span.mood)])},
                     {"d", fmt::format("M{:.1f} {}h{:.1f}v-12h-{:.1f}z", left, kBase, width, width)}},
                    element("title", {}, span.what));
    if (span.mood == Mood::bad) {
      ends += cross(left + width, span.what);
    }
  }
  return stretched(bars) + ends;
}

Html legend() {
  const Html base = path("base", "M0 24H30");
  return sample("in flight", path("flight", "M2 24V11H12V6H27V24") + base) +
         sample("answered", path("good", "M3 24V14h6v10zM12 24V7h6v17zM21 24V11h6v13z") + base) +
         sample("lost", base + cross(500, "lost")) +
         sample("refused", base + path("refused", "M3 24v9h12v-4h12v-5"));
}

Html shapes() {
  // The halo has the ground's colour, so that the cross stands out from what it lies on.
  const std::string d = fmt::format("M-{0} -{0}L{0} {0}M{0} -{0}L-{0} {0}", kCrossRadius);
  const Html cross = element("g", {{"id", "cross"}}, path("halo", d) + path("cross", d));
  return element("svg", {{"class", "shapes"}, {"aria-hidden", "true"}, {"width", "0"}, {"height", "0"}},
                 element("defs", {}, cross));
}

}  // namespace lastcall::report::page
