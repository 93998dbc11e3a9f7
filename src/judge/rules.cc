#include "judge/rules.h"

#include <algorithm>
#include <utility>

#include "judge/judge.h"
#include "judge/words.h"

namespace lastcall::judge {

namespace {

constexpr std::size_t kEnoughOfASort = 2;

}  // namespace

void Part::note(const Scene& scene, Time at, std::string what) {
  if (evidence.size() < Finding::kMaxEvidence) {
    evidence.push_back({.trial = scene.trial->number, .at = scene.since(at), .what = std::move(what)});
  }
}

void Part::fails(const Scene& scene, Time at, std::string what) {
  status = Status::failed;
  note(scene, at, std::move(what));
}

void Part::breaks(const Scene& scene, Time at, const std::string& end, std::string what) {
  status = Status::failed;
  ++broken;
  ++how[end];
  if (++shown[end + what.substr(0, what.find(':'))] <= kEnoughOfASort) {
    note(scene, at, std::move(what));
  }
}

Part skipped(std::string why) {
  return {.status = Status::skipped, .summary = std::move(why)};
}

Part inconclusive(std::string why) {
  return {.status = Status::inconclusive, .summary = std::move(why)};
}

Part unless_with_work(Part part, bool some_went_down) {
  const bool unsettled = part.status == Status::passed && some_went_down;
  return unsettled ? inconclusive("what was lost went down together with work in flight (LC202)")
                   : std::move(part);
}

Part unless_usual(Part part, const Scene& scene, std::initializer_list<Blame> own) {
  if (part.status != Status::passed) {
    return part;
  }
  const auto found = std::ranges::find_if(scene.seen, [&](const Seen& seen) {
    return seen.usual && std::ranges::find(own, seen.otherwise) != own.end();
  });
  return found == scene.seen.end()
             ? std::move(part)
             : inconclusive(std::string(kLostBefore) + ": " + told(*found->what, scene.flow(*found->what)));
}

std::string told(const std::map<std::string, std::uint64_t>& how) {
  std::string text;
  for (const auto& [what, count] : how) {
    text += (text.empty() ? "" : ", ") + std::to_string(count) + " " + what;
  }
  return text;
}

}  // namespace lastcall::judge
