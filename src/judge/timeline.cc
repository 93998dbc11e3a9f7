#include "judge/timeline.h"

#include <algorithm>
#include <array>
#include <tuple>
#include <utility>

#include "base/signal_name.h"
#include "judge/words.h"

namespace lastcall::judge {

namespace {

constexpr Duration kLeastBefore = 300ms;
constexpr Duration kAfter = 200ms;
constexpr Duration kShortestBin = 1ms;

constexpr std::array<std::string_view, kKinds> kLaneNames = {
    "new connections", "keep-alive",   "idle connections", "silent connections", "slow requests",
    "uploads",         "held uploads", "downloads",        "pipelined requests", "100-continue",
    "half-sent heads", "WebSockets",   "event streams"};

/// 1, 2, 5, 10, 20, 50, … ms: the shortest of which so many suffice.
Duration round_bin(Duration span) {
  Duration decade = kShortestBin;
  for (;; decade *= 10) {
    for (const int factor : {1, 2, 5}) {
      if (span / static_cast<std::int64_t>(kMaxBins - 1) < decade * factor) {
        return decade * factor;
      }
    }
  }
}

/// Where the bins lie.
struct Frame {
  Time begin;
  Duration bin;
  std::size_t bins;

  explicit Frame(const Scene& scene) {
    const Duration after = scene.over - scene.t0 + kAfter;
    const Duration loaded = std::max<Duration>(scene.t0 - scene.trial->began, 0s);
    const Duration before = std::min(loaded, std::max(kLeastBefore, after / 4));
    bin = round_bin(before + after);
    // The signal lies on the border of two bins.
    begin = scene.t0 - bin * ((before + bin - 1ns) / bin);
    bins = static_cast<std::size_t>((scene.t0 + after - begin) / bin) + 1;
  }

  [[nodiscard]] bool holds(Time instant) const { return instant >= begin && index(instant) < bins; }

  [[nodiscard]] std::size_t index(Time instant) const {
    return instant < begin ? 0 : static_cast<std::size_t>((instant - begin) / bin);
  }
};

/// Fills in the bins of a lane.
class Lane {
 public:
  Lane(const Frame& frame, std::string_view name)
      : frame_(frame), lane_{.name = std::string(name), .result = {}} {
    lane_.bins.resize(frame.bins);
    change_.resize(frame.bins + 1);
  }

  void begin(Time at) {
    if (Timeline::Bin* bin = find(at)) {
      ++bin->begun;
    }
  }

  void end(Time at, Timeline::State state) {
    if (Timeline::Bin* bin = find(at)) {
      bin->good += state == Timeline::State::good ? 1U : 0U;
      bin->bad += state == Timeline::State::bad ? 1U : 0U;
      bin->refused += state == Timeline::State::refused ? 1U : 0U;
    }
  }

  void in_flight(Time from, Time to) {
    ++change_[std::min(frame_.index(from), frame_.bins)];
    --change_[std::min(frame_.index(to), frame_.bins)];
  }

  [[nodiscard]] Timeline::Lane finish(std::string result) {
    std::int64_t open = 0;
    for (std::size_t i = 0; i < frame_.bins; ++i) {
      open += change_[i];
      lane_.bins[i].in_flight = static_cast<std::uint32_t>(std::max<std::int64_t>(open, 0));
    }
    lane_.result = std::move(result);
    return std::move(lane_);
  }

 private:
  [[nodiscard]] Timeline::Bin* find(Time at) {
    return frame_.holds(at) ? &lane_.bins[frame_.index(at)] : nullptr;
  }

  const Frame& frame_;
  Timeline::Lane lane_;
  std::vector<std::int64_t> change_;
};

Timeline::State state_of(const Observation& one) {
  switch (one.outcome) {
    case Outcome::ok:
      return Timeline::State::good;
    case Outcome::refused:
      return Timeline::State::refused;
    case Outcome::unsent:
      return Timeline::State::nothing;
    default:
      return Timeline::State::bad;
  }
}

std::string result_of(const Tally& tally, std::string refused) {
  std::string text;
  for (std::size_t i = 0; i < kOutcomes; ++i) {
    const auto outcome = static_cast<Outcome>(i);
    if (tally.counts[i] > 0 && outcome != Outcome::refused && outcome != Outcome::unsent) {
      text += (text.empty() ? "" : ", ") + std::to_string(tally.counts[i]) + " " +
              std::string(to_string(outcome));
    }
  }
  return text.empty() || refused.empty() ? text + refused : text + ", " + refused;
}

class Clients {
 public:
  Clients(const Scene& scene, const Frame& frame) : scene_(scene) {
    for (const Flow& flow : scene.trial->flows) {
      const auto kind = static_cast<std::size_t>(flow.kind);
      if (!lanes_[kind]) {
        lanes_[kind].emplace(frame, kLaneNames[kind]);
      }
    }
    for (const Observation& one : scene.trial->observations) {
      if (one.flow < scene.trial->flows.size() && one.outcome != Outcome::unsent) {
        draw(one, static_cast<std::size_t>(scene.flow(one).kind));
      }
    }
  }

  void finish(std::vector<Timeline::Lane>& lanes) {
    for (std::size_t kind = 0; kind < kKinds; ++kind) {
      if (lanes_[kind]) {
        lanes.push_back(lanes_[kind]->finish(result_of(tallies_[kind], refused(kind))));
      }
    }
  }

 private:
  void draw(const Observation& one, std::size_t kind) {
    lanes_[kind]->begin(one.started);
    lanes_[kind]->end(one.ended, state_of(one));
    lanes_[kind]->in_flight(one.started, one.ended);
    if (one.ended >= scene_.t0) {
      tallies_[kind].add(one.outcome);
    }
    if (one.outcome == Outcome::refused && one.started >= scene_.t0) {
      first_refused_[kind] = std::min(first_refused_[kind].value_or(one.started), one.started);
    }
  }

  [[nodiscard]] std::string refused(std::size_t kind) const {
    return first_refused_[kind] ? "refused from " + told(*first_refused_[kind] - scene_.t0) + " on" : "";
  }

  const Scene& scene_;
  std::array<std::optional<Lane>, kKinds> lanes_{};
  std::array<Tally, kKinds> tallies_{};
  std::array<std::optional<Time>, kKinds> first_refused_{};
};

/// The first answer other than 2xx that was asked for after the signal.
const Probe* first_red(const Scene& scene, std::span<const Probe> probes) {
  const auto red = std::ranges::find_if(probes, [&](const Probe& probe) {
    return probe.asked >= scene.t0 && probe.answered <= scene.over && probe.status / 100 != 2;
  });
  return red == probes.end() ? nullptr : &*red;
}

/// `red`: what an answer other than 2xx is.
Timeline::Lane draw_probes(const Scene& scene, const Frame& frame, std::string_view name,
                           std::span<const Probe> probes, Timeline::State red) {
  Lane lane(frame, name);
  for (const Probe& probe : probes) {
    lane.begin(probe.asked);
    lane.in_flight(probe.asked, probe.answered);
    lane.end(probe.answered, probe.status == 0         ? Timeline::State::refused
                             : probe.status / 100 == 2 ? Timeline::State::good
                                                       : red);
  }
  const Probe* const first = first_red(scene, probes);
  return lane.finish(first == nullptr ? "good to the end"
                                      : (first->status == 0 ? "no answer" : std::to_string(first->status)) +
                                            std::string(" from ") + told(first->asked - scene.t0) + " on");
}

Timeline::Lane draw_process(const Scene& scene, const Frame& frame) {
  Lane lane(frame, "process");
  const Process& process = scene.trial->process;
  lane.in_flight(frame.begin, scene.over);
  const bool well = process.exit_status == 0 && !process.killed;
  lane.end(scene.over, well ? Timeline::State::good : Timeline::State::bad);
  return lane.finish(told_exit(*scene.trial) +
                     (process.exited ? " after " + told(scene.over - scene.t0) : std::string()));
}

std::vector<Timeline::Mark> find_marks(const Scene& scene) {
  const Trial& trial = *scene.trial;
  std::vector<Timeline::Mark> marks;
  for (const SentSignal& signal : trial.signals) {
    const std::string again = marks.empty() ? "" : " again";
    marks.push_back({.at = scene.since(signal.at), .what = signal_name(signal.number) + again});
  }
  if (const Probe* const red = first_red(scene, trial.readiness)) {
    marks.push_back({.at = scene.since(red->asked), .what = "not ready"});
  }
  if (scene.listener_closed()) {
    marks.push_back({.at = scene.since(scene.closed), .what = "listener closed"});
  }
  if (trial.process.killed || trial.process.exited) {
    marks.push_back({.at = scene.since(scene.over), .what = told_exit(trial)});
  }
  std::ranges::sort(marks, {}, [](const Timeline::Mark& mark) { return std::tie(mark.at, mark.what); });
  return marks;
}

}  // namespace

Timeline draw_timeline(const Scene& scene) {
  const Frame frame(scene);
  Timeline timeline{.begin = scene.since(frame.begin), .bin = frame.bin, .marks = find_marks(scene)};
  Clients(scene, frame).finish(timeline.lanes);
  if (!scene.trial->readiness.empty()) {
    timeline.lanes.push_back(
        draw_probes(scene, frame, "readiness", scene.trial->readiness, Timeline::State::refused));
  }
  if (!scene.trial->liveness.empty()) {
    timeline.lanes.push_back(
        draw_probes(scene, frame, "liveness", scene.trial->liveness, Timeline::State::bad));
  }
  timeline.lanes.push_back(draw_process(scene, frame));
  return timeline;
}

}  // namespace lastcall::judge
