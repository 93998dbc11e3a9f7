#include "report/timeline_text.h"

#include <algorithm>
#include <array>
#include <string_view>

#include <fmt/format.h>

#include "report/figures.h"
#include "report/prose.h"

namespace lastcall::report {
namespace {

using judge::Timeline;

constexpr std::size_t kBetweenTicks = 9;  // columns
constexpr std::array<Duration, 16> kTickSteps = {1ms,   2ms, 5ms, 10ms, 20ms, 50ms, 100ms, 200ms,
                                                 500ms, 1s,  2s,  5s,   10s,  30s,  60s,   300s};

Duration divide_up(Duration span, std::size_t parts) {
  return (span + Duration(parts) - 1ns) / static_cast<Duration::rep>(parts);
}

std::size_t cells_in(Duration span, Duration cell) {
  return static_cast<std::size_t>((span + cell - 1ns) / cell);
}

/// Unlike operator/, -0.5 becomes -1.
Duration::rep floor_divide(Duration at, Duration cell) {
  return at >= Duration::zero() ? at / cell : -((-at + cell - 1ns) / cell);
}

std::string tick_text(Duration at) {
  return at == Duration::zero() ? "0" : fmt::format("{:+g}s", to_seconds(at));
}

std::uint32_t level(const Timeline::Bin& bin) {
  return std::max(bin.in_flight, bin.good);
}

bool happens(const Timeline::Bin& bin) {
  return bin.begun + bin.good + bin.bad + bin.refused + bin.in_flight > 0;
}

/// Whether each of the lane's clients begins no more than once.
bool rests(const Timeline::Lane& lane) {
  std::uint64_t begun = 0;
  std::uint64_t most = 0;
  for (const Timeline::Bin& bin : lane.bins) {
    begun += bin.begun;
    most = std::max<std::uint64_t>(most, bin.in_flight);
  }
  return begun <= most;
}

struct Glyph {
  std::string_view text;
  Ink ink;
};

Glyph glyph(const Timeline::Bin& bin, bool resting, std::uint32_t highest) {
  static constexpr std::array<std::string_view, 8> kBlocks = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  if (bin.bad > 0) {
    return {"✗", Ink::bad};
  }
  if (bin.refused > 0 && bin.good == 0) {
    return {"░", Ink::faint};
  }
  if (level(bin) == 0) {
    return {" ", Ink::plain};
  }
  if (resting) {
    return {bin.good > 0 ? "┤" : "─", Ink::good};
  }
  return {kBlocks[(std::uint64_t{level(bin)} * kBlocks.size() - 1) / highest], Ink::good};
}

}  // namespace

Axis::Axis(Duration begin, Duration end, std::size_t columns)
    // Both sides may end in a part of a cell, and the signal has a column of its own.
    : cell_(divide_up(end - begin, columns - 2)),
      before_(cells_in(-begin, cell_)),
      after_(cells_in(end, cell_)) {}

std::size_t Axis::column(Duration at) const {
  const auto first = -static_cast<Duration::rep>(before_);
  const auto last = static_cast<Duration::rep>(after_) - 1;
  const Duration::rep cell = std::clamp(floor_divide(at, cell_), first, last);
  return static_cast<std::size_t>(cell - first) + (cell >= 0 ? 1U : 0U);
}

std::string Axis::ticks() const {
  const auto* const found = std::ranges::find_if(kTickSteps, [this](Duration step) {
    return step / cell_ >= static_cast<Duration::rep>(kBetweenTicks);
  });
  const Duration step = found == kTickSteps.end() ? kTickSteps.back() : *found;
  const Duration begin = -cell_ * static_cast<Duration::rep>(before_);
  const Duration end = cell_ * static_cast<Duration::rep>(after_);
  std::string text;
  for (Duration at = step * -floor_divide(-begin, step); at < end; at += step) {
    const std::string label = tick_text(at);
    const std::size_t start = at == Duration::zero() ? before_ : column(at);
    if ((text.empty() || start > text.size()) && start + label.size() <= width()) {
      text.append(start - text.size(), ' ').append(label);
    }
  }
  return text;
}

std::string Axis::pointers(std::span<const Timeline::Mark> marks) const {
  std::vector<bool> pointed(width());
  for (const Timeline::Mark& mark : marks) {
    pointed[mark.at == Duration::zero() ? before_ : column(mark.at)] = true;
  }
  std::string text;
  for (const bool here : pointed) {
    text += here ? "▾" : " ";
  }
  return text;
}

std::vector<Timeline::Bin> Axis::resample(const Timeline& timeline, const Timeline::Lane& lane) const {
  std::vector<Timeline::Bin> cells(width());
  Duration at = timeline.begin;
  for (const Timeline::Bin& bin : lane.bins) {
    const std::size_t first = column(at);
    const std::size_t last = timeline.bin > cell_ ? column(at + timeline.bin - 1ns) : first;
    for (std::size_t i = first; i <= last; ++i) {
      cells[i].good = std::max(cells[i].good, bin.good);
      cells[i].bad = std::max(cells[i].bad, bin.bad);
      cells[i].refused = std::max(cells[i].refused, bin.refused);
      cells[i].in_flight = std::max(cells[i].in_flight, bin.in_flight);
    }
    at += timeline.bin;
  }
  return cells;
}

std::string Axis::draw(const Timeline& timeline, const Timeline::Lane& lane, const TextStyle& style) const {
  const std::vector<Timeline::Bin> cells = resample(timeline, lane);
  const std::uint32_t highest = cells.empty() ? 0 : level(*std::ranges::max_element(cells, {}, level));
  const bool resting = rests(lane);
  std::string out;
  std::string run;
  Ink ink = Ink::plain;
  const auto add = [&](const Glyph& next) {
    if (next.ink != ink) {
      out += paint(run, ink, style);
      run.clear();
      ink = next.ink;
    }
    run += next.text;
  };
  for (std::size_t i = 0; i < cells.size(); ++i) {
    add(i == before_ ? Glyph{"│", Ink::strong} : glyph(cells[i], resting, highest));
  }
  return out + paint(run, ink, style);
}

Duration end_of(const Timeline& timeline) {
  Duration end = 1ms;
  for (const Timeline::Mark& mark : timeline.marks) {
    end = std::max(end, mark.at + timeline.bin);
  }
  for (const Timeline::Lane& lane : timeline.lanes) {
    const auto last = std::find_if(lane.bins.rbegin(), lane.bins.rend(), happens);
    end = std::max(end, timeline.begin + timeline.bin * (lane.bins.rend() - last));
  }
  return end;
}

std::vector<std::string> mark_texts(std::span<const Timeline::Mark> marks) {
  std::vector<std::string> texts;
  for (const Timeline::Mark& mark : marks) {
    texts.push_back(since_text(mark.at) + " " + printable(mark.what));
  }
  return texts;
}

}  // namespace lastcall::report
