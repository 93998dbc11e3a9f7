#include "judge/judge.h"

#include <algorithm>
#include <iterator>
#include <tuple>
#include <utility>

#include "base/assert.h"
#include "judge/rules.h"
#include "judge/timeline.h"
#include "judge/words.h"

namespace lastcall::judge {

namespace {

constexpr Rule kRules[] = {
    {"LC101", look_at_signal, nullptr},
    {"LC103", look_at_probes, nullptr},
    {"LC104", look_at_lame_duck, conclude_lame_duck},
    {"LC105", look_at_waits, conclude_waits, compare_waits},
    {"LC201", look_at_queue, conclude_queue},
    {"LC202", look_at_work, conclude_work},
    {"LC203", look_at_farewell, conclude_farewell},
    {"LC204", look_at_idle, conclude_idle},
    {"LC206", look_at_websockets, conclude_websockets},
    {"LC207", look_at_streams, conclude_streams},
    {"LC208", look_at_late, conclude_late},
    {"LC301", look_at_deadline, nullptr},
    {"LC401", look_at_leftovers, nullptr},
    {"LC501", look_at_exit, nullptr},
};

struct Unseen {
  std::string_view clause;
  const char* why;
};

constexpr Unseen kUnseen[] = {
    {"LC205", "HTTP/2 is not checked yet"},
    {"LC302", "not visible from outside: what handlers are told"},
    {"LC303", "not visible from outside: whether cuts are recorded"},
    {"LC402", "not visible from outside: the order of cleanup"},
    {"LC403", "workers are not checked yet"},
    {"LC502", "not visible from outside: the server's own report"},
};

std::string told_lag(const Trial& trial) {
  const std::string late =
      "1 % of its attempts began " + told(lag(trial.observations, trial.signalled()).p99) + " late or later";
  return trial.saturated ? "it was the bottleneck (" + late + ")" : late;
}

/// What a trial cannot tell, because something greater happened in it.
Part look(const Rule& rule, const Scene& scene) {
  const bool of_the_start = rule.clause == "LC101" || rule.clause == "LC103" || rule.clause == "LC104";
  const bool of_the_process = rule.clause == "LC101" || rule.clause == "LC301" || rule.clause == "LC401";
  if (scene.excused && !of_the_start) {
    return skipped("the repeated signal cut it short (LC102)");
  }
  Part part = rule.look(scene);
  if (scene.ignored && rule.clause != "LC101" && part.status != Status::skipped) {
    return inconclusive("the signal was ignored (LC101)");
  }
  if (scene.disturbed && !of_the_process && part.status == Status::passed) {
    part.status = Status::inconclusive;
    part.summary = std::string(kClientTooSlow) + ": " + told_lag(*scene.trial);
  }
  return part;
}

void add(const Part& part, Part& total) {
  total.tried += part.tried;
  total.broken += part.broken;
  for (const auto& [what, count] : part.how) {
    total.how[what] += count;
  }
  for (std::size_t kind = 0; kind < kKinds; ++kind) {
    total.tried_of_kind[kind] += part.tried_of_kind[kind];
  }
  total.asked_for.insert(part.asked_for.begin(), part.asked_for.end());
  total.measured = std::max(total.measured, part.measured);
}

/// A fair share for each of the worst trials.
std::vector<Evidence> share_evidence(std::span<const Part> parts, Status worst) {
  std::vector<Evidence> all;
  for (std::size_t row = 0; row < Finding::kMaxEvidence; ++row) {
    for (const Part& part : parts) {
      if (part.status == worst && row < part.evidence.size() && all.size() < Finding::kMaxEvidence) {
        all.push_back(part.evidence[row]);
      }
    }
  }
  std::ranges::sort(all, {}, [](const Evidence& one) { return std::tie(one.trial, one.at, one.what); });
  return all;
}

Part merge(std::span<const Part> parts) {
  const auto worst = std::ranges::max_element(parts, {}, &Part::status);
  Part total{.status = worst->status, .summary = worst->summary};
  for (const Part& part : parts) {
    add(part, total);
  }
  total.evidence = share_evidence(parts, worst->status);
  return total;
}

/// What only all trials together show failed in each of them.
Finding find(std::string_view clause, std::span<const Scene> scenes, std::span<const Part> parts,
             Part total) {
  Finding finding{.clause = clause,
                  .status = total.status,
                  .summary = std::move(total.summary),
                  .tried = total.tried,
                  .broken = total.broken,
                  .evidence = std::move(total.evidence)};
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (finding.status == Status::failed && parts[i].status == Status::failed) {
      finding.trials.push_back(scenes[i].trial->number);
    }
  }
  if (finding.status == Status::failed && finding.trials.empty()) {
    std::ranges::transform(scenes, std::back_inserter(finding.trials),
                           [](const Scene& scene) { return scene.trial->number; });
  }
  return finding;
}

FlowCount count_flow(std::span<const Trial> trials, std::uint32_t flow) {
  const Flow& what = trials.front().flows[flow];
  FlowCount count{.name = what.name, .kind = what.kind};
  for (const Trial& trial : trials) {
    count.in_flight += in_flight(trial.observations, flow, trial.signalled());
    const Tally seen = tally(trial.observations, trial.signalled(), flow);
    for (std::size_t i = 0; i < kOutcomes; ++i) {
      count.seen.counts[i] += seen.counts[i];
    }
  }
  return count;
}

TrialSummary summarise(const Trial& trial, Status status) {
  const Tally seen = tally(trial.observations, trial.signalled());
  TrialSummary summary{.number = trial.number,
                       .status = status,
                       .attempts = seen.attempts(),
                       .lost = seen.lost(),
                       .exit = told_exit(trial),
                       .spoiled = trial.spoiled};
  if (trial.process.exited) {
    summary.took = *trial.process.exited - trial.signalled();
  }
  return summary;
}

Lag worst_lag(std::span<const Trial> trials) {
  Lag worst;
  for (const Trial& trial : trials) {
    const Lag one = lag(trial.observations, trial.signalled());
    worst = {.p99 = std::max(worst.p99, one.p99), .max = std::max(worst.max, one.max)};
  }
  return worst;
}

/// Collects the findings, and the worst status of each trial.
class Court {
 public:
  explicit Court(std::span<const Scene> scenes)
      : scenes_(scenes), statuses_(scenes.size(), Status::skipped) {}

  void hear(const Rule& rule) {
    std::vector<Part> parts;
    for (const Scene& scene : scenes_) {
      parts.push_back(look(rule, scene));
    }
    hear(rule, parts);
  }

  void hear(const Rule& rule, std::span<const Part> parts) {
    Part total = merge(parts);
    const bool settled = total.status == Status::inconclusive || total.status == Status::skipped;
    if (rule.conclude != nullptr && !settled) {
      rule.conclude(total);
    }
    if (rule.compare != nullptr && total.status != Status::failed) {
      rule.compare(parts, total);
    }
    for (std::size_t i = 0; i < parts.size(); ++i) {
      statuses_[i] = std::max(statuses_[i], parts[i].status);
    }
    findings_.push_back(find(rule.clause, scenes_, parts, std::move(total)));
  }

  [[nodiscard]] std::vector<Finding> take_findings() {
    for (const Unseen& unseen : kUnseen) {
      findings_.push_back({.clause = unseen.clause, .summary = unseen.why});
    }
    std::ranges::sort(findings_, {}, &Finding::clause);
    return std::move(findings_);
  }

  [[nodiscard]] const std::vector<Status>& statuses() const { return statuses_; }

 private:
  std::span<const Scene> scenes_;
  std::vector<Status> statuses_;
  std::vector<Finding> findings_;
};

/// The trial with the worst status, and of these the one that lost most.
std::size_t worst_trial(std::span<const TrialSummary> trials) {
  const auto worst = std::ranges::max_element(
      trials, {}, [](const TrialSummary& one) { return std::pair(one.status, one.lost); });
  return static_cast<std::size_t>(worst - trials.begin());
}

}  // namespace

Verdict judge(std::span<const Trial> trials, const Profile& profile) {
  LASTCALL_ASSERT(!trials.empty());
  std::vector<Scene> scenes;
  for (const Trial& trial : trials) {
    scenes.push_back(make_scene(trial, profile));
  }
  const std::vector<Part> repeats = judge_repeats(scenes);
  Court court(scenes);
  court.hear({"LC102"}, repeats);
  for (const Rule& rule : kRules) {
    court.hear(rule);
  }

  Verdict verdict{.profile = profile, .findings = court.take_findings(), .lag = worst_lag(trials)};
  verdict.status = std::ranges::max(verdict.findings, {}, &Finding::status).status;
  for (std::uint32_t flow = 0; flow < trials.front().flows.size(); ++flow) {
    verdict.flows.push_back(count_flow(trials, flow));
  }
  for (std::size_t i = 0; i < trials.size(); ++i) {
    verdict.trials.push_back(summarise(trials[i], court.statuses()[i]));
  }
  const std::size_t worst = worst_trial(verdict.trials);
  verdict.timeline = draw_timeline(scenes[worst]);
  verdict.timeline_trial = trials[worst].number;
  return verdict;
}

}  // namespace lastcall::judge
