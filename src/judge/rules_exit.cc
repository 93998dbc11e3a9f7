// LC401 and LC501: what is left behind, and whether the exit status is the truth.
#include <algorithm>

#include "base/signal_name.h"
#include "judge/judge.h"
#include "judge/rules.h"
#include "judge/words.h"

namespace lastcall::judge {

namespace {

constexpr int kSignalBase = 128;

std::string names(std::span<const std::string> all) {
  constexpr std::size_t kMost = 3;
  std::string text;
  for (const std::string& one : all.first(std::min(all.size(), kMost))) {
    text += (text.empty() ? "" : ", ") + one;
  }
  return all.size() > kMost ? text + ", …" : text;
}

std::uint64_t cut_work(const Scene& scene) {
  return static_cast<std::uint64_t>(std::ranges::count_if(scene.seen, [](const Seen& seen) {
    return seen.blame == Blame::work || seen.blame == Blame::late || seen.blame == Blame::response;
  }));
}

bool lost_anything(const Scene& scene) {
  return std::ranges::any_of(scene.seen,
                             [](const Seen& seen) { return seen.blame != Blame::nobody || seen.usual; });
}

}  // namespace

Part look_at_leftovers(const Scene& scene) {
  const Process& process = scene.trial->process;
  Part part;
  std::vector<std::string> left;
  if (!process.orphans.empty()) {
    left.push_back(counted(process.orphans.size(), "orphan") + " (" + names(process.orphans) + ")");
  }
  if (process.zombies > 0) {
    left.push_back(counted(process.zombies, "zombie"));
  }
  if (process.exited && process.port_held && *process.port_held > *process.exited) {
    left.push_back("its port still held " + told(*process.port_held - *process.exited) + " after the exit");
  }
  if (process.killed || !process.exited) {
    return inconclusive("it did not exit by itself");
  }
  for (const std::string& one : left) {
    part.summary += (part.summary.empty() ? "left behind: " : "; ") + one;
    part.fails(scene, scene.over, one);
  }
  if (!left.empty()) {
    return part;
  }
  if (!process.ours) {
    return inconclusive("its children are not known, " + std::string(kNotOurChild));
  }
  part.summary = "no process, no zombie and no port was left behind";
  return part;
}

Part look_at_exit(const Scene& scene) {
  const Process& process = scene.trial->process;
  if (process.killed) {
    return inconclusive("it was killed");
  }
  if (!process.exit_status && !process.died_of) {
    return inconclusive(process.ours ? "it did not exit"
                                     : "its exit status is not known, " + std::string(kNotOurChild));
  }
  Part part;
  const int status = process.exit_status.value_or(0);
  const std::uint64_t cut = cut_work(scene);
  if (process.died_of) {
    part.summary = "it died of " + signal_name(*process.died_of) + " in place of exiting";
  } else if (status > kSignalBase) {
    part.summary = "exit " + std::to_string(status) + ": 128 + " + signal_name(status - kSignalBase) +
                   ", as if it had been killed";
  } else if (status == 0 && cut > 0) {
    part.summary = "exit 0, though " + counted(cut, "request") + " " + (cut == 1 ? "was" : "were") + " cut";
  } else if (status != 0 && !lost_anything(scene)) {
    part.summary = "exit " + std::to_string(status) + ", though nothing was cut";
  } else {
    part.summary =
        told_exit(*scene.trial) + (status == 0 ? ", and nothing was cut" : ", because work was cut");
    return part;
  }
  part.fails(scene, scene.over, told_exit(*scene.trial));
  return part;
}

}  // namespace lastcall::judge
