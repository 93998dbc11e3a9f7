// LC101 and LC301: whether the signal was heard, whether all was over in time; and LC102, by comparing
// trials.
#include <algorithm>
#include <utility>

#include "base/signal_name.h"
#include "base/units.h"
#include "judge/rules.h"
#include "judge/words.h"

namespace lastcall::judge {

namespace {

constexpr Duration kAtOnce = 1s;

std::optional<Time> repeat(const Scene& scene) {
  const auto& signals = scene.trial->signals;
  return signals.size() > 1 ? std::optional(signals[1].at) : std::nullopt;
}

bool died_by_signal(const Process& process) {
  return process.died_of || process.exit_status.value_or(0) > 128;
}

bool is_harm(const Seen& seen, Time from, Time to) {
  return seen.blame == Blame::work && seen.what->ended >= from && seen.what->ended <= to;
}

/// Trials without a repeat show what one signal does.
bool calm_trial_harmed(std::span<const Scene> scenes) {
  return std::ranges::any_of(scenes, [](const Scene& scene) {
    return !repeat(scene) &&
           (died_by_signal(scene.trial->process) || std::ranges::any_of(scene.seen, [&](const Seen& seen) {
              return is_harm(seen, scene.t0, Time::max());
            }));
  });
}

Part look_at_repeat(const Scene& scene, Time again) {
  Part part;
  for (const Seen& seen : scene.seen) {
    const Observation& one = *seen.what;
    const bool in_flight = !rests(seen.kind) && one.started <= again && one.ended > again;
    part.tried += in_flight && one.outcome != Outcome::refused ? 1U : 0U;
    if (is_harm(seen, again, again + kAtOnce)) {
      part.breaks(scene, one.ended, "", told(one, scene.flow(one)));
    }
  }
  const Process& process = scene.trial->process;
  const bool at_once = process.exited && *process.exited >= again && *process.exited <= again + kAtOnce;
  if (at_once && died_by_signal(process)) {
    part.breaks(scene, *process.exited, "", told_exit(*scene.trial));
  }
  part.broken = std::min(part.broken, part.tried);
  return part;
}

void conclude_repeat(const Scene& scene, Time again, std::span<const Scene> scenes, Part& part) {
  const std::string when = "a second " + signal_name(scene.trial->signals[1].number) + " " +
                           told(again - scene.t0) + " after the first";
  const bool has_calm = std::ranges::any_of(scenes, [](const Scene& other) { return !repeat(other); });
  if (part.status == Status::failed && (!has_calm || calm_trial_harmed(scenes))) {
    part.status = Status::inconclusive;
    part.summary = has_calm ? "one signal alone does such harm already"
                            : "no trial without a repeated signal to compare with";
  } else if (part.status == Status::failed) {
    part.summary = when + " cut short what one signal lets finish";
  } else if (part.tried == 0) {
    part.status = Status::skipped;
    part.summary = "nothing was in flight when the signal was repeated";
  } else {
    part.summary = when + " changed nothing";
  }
}

/// The clause's reason is that of its first trial: a trial without a repeat must not speak for one with it.
void tell_of_the_repeat(std::span<const Scene> scenes, std::span<Part> parts) {
  const auto repeated =
      std::ranges::find_if(scenes, [](const Scene& scene) { return repeat(scene).has_value(); });
  if (repeated == scenes.end()) {
    return;
  }
  const std::string why = parts[static_cast<std::size_t>(repeated - scenes.begin())].summary;
  for (std::size_t i = 0; i < scenes.size(); ++i) {
    if (!repeat(scenes[i])) {
      parts[i].summary = why;
    }
  }
}

}  // namespace

std::vector<Part> judge_repeats(std::span<Scene> scenes) {
  std::vector<Part> parts;
  for (Scene& scene : scenes) {
    const std::optional<Time> again = repeat(scene);
    if (!again || *again >= scene.over) {
      parts.push_back(skipped(again ? "it had exited before the signal could be repeated"
                                    : "no repeated signal was sent"));
      continue;
    }
    Part part = look_at_repeat(scene, *again);
    conclude_repeat(scene, *again, scenes, part);
    parts.push_back(std::move(part));
  }
  for (std::size_t i = 0; i < scenes.size(); ++i) {
    scenes[i].excused = parts[i].status == Status::failed;
  }
  tell_of_the_repeat(scenes, parts);
  return parts;
}

Part look_at_signal(const Scene& scene) {
  Part part;
  const std::string signal = signal_name(scene.trial->signals.front().number);
  if (scene.ignored) {
    part.summary = signal + " changed nothing: it served on as before, " + told_exit(*scene.trial);
    part.fails(scene, scene.over, "still serving, " + told_exit(*scene.trial));
    return part;
  }
  part.summary = signal + " started the shutdown";
  return part;
}

Part look_at_deadline(const Scene& scene) {
  const Trial& trial = *scene.trial;
  const Duration grace = scene.profile->grace;
  Part part;
  if (trial.process.killed && trial.grace < grace) {
    return inconclusive("it was killed after " + print_duration(trial.grace) +
                        ", before the grace period of " + print_duration(grace) + " was over");
  }
  if (scene.held_by_rests) {
    return inconclusive("it was killed after " + print_duration(trial.grace) +
                        " while it waited only for connections that it should have ended itself");
  }
  if (!trial.process.exited && !trial.process.killed && trial.load_ended - scene.t0 < grace) {
    return inconclusive("its exit was not seen");
  }
  if (!trial.process.exited || scene.over - scene.t0 > grace) {
    part.summary = "it began to shut down, but had not ended after " + print_duration(grace);
    part.fails(scene, scene.over, told_exit(trial) + (trial.process.exited ? ", too late" : ""));
    return part;
  }
  part.measured = scene.over - scene.t0;
  part.summary =
      "it ended within the grace period of " + print_duration(grace) + ", after " + told(*part.measured);
  return part;
}

}  // namespace lastcall::judge
