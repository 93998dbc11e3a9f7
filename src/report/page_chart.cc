#include "report/page_chart.h"

#include <algorithm>
#include <array>
#include <map>

#include <fmt/format.h>

#include "report/page_lanes.h"
#include "report/page_words.h"
#include "report/prose.h"

namespace lastcall::report::page {

namespace {

using Mark = judge::Timeline::Mark;

constexpr int kFlagHeight = 20;

// What a flag's text takes of a phone's width, in pixels.
constexpr double kPhone = 300;
constexpr double kCharacter = 6.4;
constexpr double kStem = 12;

std::string pixels(double value) {
  return fmt::format("{:.0f}", value);
}

std::string at_percent(double across) {
  return fmt::format("{:.2f}%", across / 10);
}

/// The shortest of 1, 2, 5, 10, 20, … that leaves eight steps at most.
Duration tick_step(const Frame& frame) {
  const Duration span = frame.end - frame.begin;
  Duration decade = 1us;
  while (decade * 60 < span) {
    decade *= 10;
  }
  constexpr std::array<int, 3> kSteps = {1, 2, 5};
  for (const int step : kSteps) {
    if (decade * step * 8 >= span) {
      return decade * step;
    }
  }
  return decade * 10;
}

std::vector<Duration> ticks(const Frame& frame) {
  const Duration step = tick_step(frame);
  std::vector<Duration> all;
  for (Duration at = frame.begin / step * step; at <= frame.end; at += step) {
    if (at >= frame.begin) {
      all.push_back(at);
    }
  }
  return all;
}

/// A tick's label has no more digits than the step needs: "−0.5 s", "0", "2 s".
std::string tick_label(Duration at, Duration step) {
  if (at == 0s) {
    return "0";
  }
  const char* const sign = at < 0s ? "\u2212" : "+";
  const Duration size = std::chrono::abs(at);
  if (step < 100ms) {
    return fmt::format("{}{:g}\u00a0ms", sign, to_milliseconds(size));
  }
  return fmt::format("{}{:g}\u00a0s", sign, to_seconds(size));
}

std::string flag_text(const Mark& mark) {
  return mark.at == 0s ? mark.what : mark.what + "  " + since_signal(mark.at);
}

/// Whether a flag's text must stand on the left of its line, because there is too little room on the right of
/// it.
bool turned(const Mark& mark, const Frame& frame) {
  const double across = frame.across(mark.at) / 1000;
  const double needed = kStem + kCharacter * static_cast<double>(width(flag_text(mark)));
  return across > 0.5 && kPhone * (1 - across) < needed;
}

std::vector<Mark> by_time(const std::vector<Mark>& marks) {
  std::multimap<Duration, Mark> ordered;
  for (const Mark& mark : marks) {
    ordered.emplace(mark.at, mark);
  }
  std::vector<Mark> all;
  all.reserve(ordered.size());
  for (const auto& [at, mark] : ordered) {
    all.push_back(mark);
  }
  return all;
}

/// Flags one below the other so that few lines cross a text: those with their text on the left first, the
/// last on top; then the others in the order of time.
std::vector<Mark> arranged(const std::vector<Mark>& marks, const Frame& frame) {
  std::vector<Mark> order;
  std::vector<Mark> left;
  for (const Mark& mark : by_time(marks)) {
    (turned(mark, frame) ? order : left).push_back(mark);
  }
  std::ranges::reverse(order);
  order.insert(order.end(), left.begin(), left.end());
  return order;
}

Html draw_flag(const Mark& mark, const Frame& frame, std::size_t row, int height) {
  const double across = frame.across(mark.at);
  const double y = static_cast<double>(row) * kFlagHeight;
  const bool left = turned(mark, frame);
  const std::string x = at_percent(across);
  return element("g", {{"class", mark.at == 0s ? "flag signal" : "flag"}},
                 shape("line", {{"x1", x}, {"x2", x}, {"y1", pixels(y + 3)}, {"y2", pixels(height)}}) +
                     shape("circle", {{"cx", x}, {"cy", pixels(y + 8)}, {"r", "3.5"}}) +
                     element("text",
                             {{"x", x},
                              {"y", pixels(y + 12)},
                              {"dx", left ? "-9" : "9"},
                              {"text-anchor", left ? "end" : "start"}},
                             flag_text(mark)));
}

Html draw_flags(const Chart& chart) {
  const auto rows = std::max(chart.frame.flags, chart.marks.size());
  const int height = static_cast<int>(rows) * kFlagHeight + 4;
  const std::vector<Mark> order = arranged(chart.marks, chart.frame);
  std::string told;
  Html drawn;
  for (std::size_t i = 0; i < order.size(); ++i) {
    drawn += draw_flag(order[i], chart.frame, rows - order.size() + i, height);
  }
  for (const Mark& mark : by_time(chart.marks)) {
    told += fmt::format("{}{} at {}", told.empty() ? "" : ", ", mark.what, since_signal(mark.at));
  }
  return element(
      "div", {{"class", "row flags"}},
      element("svg", {{"role", "img"}, {"aria-label", told}, {"width", "100%"}, {"height", pixels(height)}},
              drawn));
}

/// Lines through a lane at some instants.
Html lines(std::string_view style, const std::vector<Duration>& instants, const Frame& frame) {
  std::string path;
  for (const Duration at : instants) {
    path += fmt::format("M{:.1f} 0V100", frame.across(at));
  }
  return shape("path", {{"class", std::string(style)}, {"d", path}});
}

Html stretched(const Html& content) {
  return element(
      "svg",
      {{"viewBox", "0 0 1000 100"}, {"preserveAspectRatio", "none"}, {"width", "100%"}, {"height", "100%"}},
      content);
}

Html mark_lines(const Chart& chart) {
  std::vector<Duration> marks;
  for (const Mark& mark : chart.marks) {
    if (mark.at != 0s) {
      marks.push_back(mark.at);
    }
  }
  return stretched(lines("instant", marks, chart.frame) + lines("signal", {0s}, chart.frame));
}

Html draw_lane(const ChartLane& lane, const Html& behind, const Html& before) {
  constexpr std::array<std::string_view, 3> kMoods = {"good", "bad", "plain"};
  const std::string label = lane.name + ": " + lane.result;
  Html svg = element("svg",
                     {{"class", "band"},
                      {"role", "img"},
                      {"tabindex", lane.bins.empty() ? "-1" : "0"},
                      {"aria-label", label},
                      {"data-name", lane.name},
                      {"data-bins", lane.bins},
                      {"width", "100%"},
                      {"height", pixels(kLaneHeight)}},
                     behind + lane.drawing + before);
  return element("li", {{"class", "row lane " + std::string(kMoods[static_cast<std::size_t>(lane.mood)])}},
                 element("span", {{"class", "name"}}, lane.name) + svg +
                     element("span", {{"class", "result"}}, lane.result));
}

Html draw_axis(const Frame& frame) {
  const Duration step = tick_step(frame);
  Html labels;
  for (const Duration at : ticks(frame)) {
    const double across = frame.across(at);
    const char* const anchor = across < 15 ? "start" : across > 985 ? "end" : "middle";
    // On a phone there is room for every other one.
    const char* const rank = at / step % 2 == 0 ? "major" : "minor";
    labels +=
        element("text", {{"class", rank}, {"x", at_percent(across)}, {"y", "14"}, {"text-anchor", anchor}},
                tick_label(at, step));
  }
  return element("div", {{"class", "row axis"}, {"aria-hidden", "true"}},
                 element("svg", {{"width", "100%"}, {"height", "20"}}, labels));
}

bool is_empty(const judge::Timeline::Bin& bin) {
  return bin.begun + bin.good + bin.bad + bin.refused + bin.in_flight == 0;
}

/// When the last thing happened that it shows.
Duration last_of(const judge::Timeline& timeline) {
  Duration last = timeline.begin;
  for (const auto& lane : timeline.lanes) {
    std::size_t bins = lane.bins.size();
    while (bins > 0 && is_empty(lane.bins[bins - 1])) {
      --bins;
    }
    last = std::max(last, timeline.begin + timeline.bin * static_cast<Duration::rep>(bins));
  }
  for (const Mark& mark : timeline.marks) {
    last = std::max(last, mark.at);
  }
  return last;
}

}  // namespace

double Frame::across(Duration at) const {
  const double share = to_seconds(at - begin) / to_seconds(end - begin);
  return std::clamp(share, 0.0, 1.0) * 1000;
}

Frame frame_of(std::span<const judge::Timeline* const> timelines) {
  Frame frame{.begin = Duration::max(), .end = Duration::min()};
  for (const judge::Timeline* timeline : timelines) {
    frame.begin = std::min(frame.begin, timeline->begin);
    frame.end = std::max(frame.end, last_of(*timeline));
    frame.flags = std::max(frame.flags, timeline->marks.size());
  }
  if (frame.begin >= frame.end) {
    return {.begin = -1s, .end = 1s, .flags = frame.flags};
  }
  frame.end += (frame.end - frame.begin) / 20;
  return frame;
}

int height_of(const Chart& chart) {
  const auto flags = std::max(chart.frame.flags, chart.marks.size());
  return static_cast<int>(flags) * kFlagHeight + static_cast<int>(chart.lanes.size()) * (kLaneHeight + 1) +
         30;
}

Html draw(const Chart& chart) {
  const Html grid = stretched(lines("grid", ticks(chart.frame), chart.frame));
  const Html marks = mark_lines(chart);
  Html lanes;
  for (const ChartLane& lane : chart.lanes) {
    lanes += draw_lane(lane, grid, marks);
  }
  const auto micros = [](Duration at) {
    return fmt::format("{}", std::chrono::round<std::chrono::microseconds>(at).count());
  };
  return element("div",
                 {{"class", "chart"},
                  {"data-begin", micros(chart.frame.begin)},
                  {"data-end", micros(chart.frame.end)},
                  {"data-bins-begin", micros(chart.bins_begin)},
                  {"data-bin", micros(chart.bin)}},
                 draw_flags(chart) + element("ol", {{"class", "lanes"}}, lanes) + draw_axis(chart.frame));
}

}  // namespace lastcall::report::page
