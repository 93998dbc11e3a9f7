#include "lastcall/beast/session_registry.h"

#include <algorithm>
#include <utility>

#include "base/time.h"
#include "sys/sys.h"

namespace lastcall::beast {
namespace {

// A session that was cut ends as soon as its executor gets to it; one whose executor is stuck never does.
constexpr Duration kCutWait = 500ms;

// What is cut is told to the report before the step's time is over.
constexpr Duration kCutMargin = 50ms;

constexpr Duration kLongestDrain = 24h;  // added to any instant it cannot overflow

std::uint32_t random_seed() {
  std::uint32_t seed = 0;
  sys::random_bytes(std::as_writable_bytes(std::span(&seed, 1)));
  return seed;
}

std::string describe(const SessionRegistry::Outcome& outcome) {
  std::string text =
      std::to_string(outcome.cut) + (outcome.cut == 1 ? " connection" : " connections") + " cut";
  const char* separator = ": ";
  for (const std::string& label : outcome.labels) {
    text += separator + label;
    separator = ", ";
  }
  return text;
}

}  // namespace

SessionRegistry::Entry::Entry(Entry&& other) noexcept
    : registry_(std::exchange(other.registry_, nullptr)), place_(other.place_) {}

SessionRegistry::Entry& SessionRegistry::Entry::operator=(Entry&& other) noexcept {
  if (this != &other) {
    release();
    registry_ = std::exchange(other.registry_, nullptr);
    place_ = other.place_;
  }
  return *this;
}

void SessionRegistry::Entry::release() {
  if (SessionRegistry* registry = std::exchange(registry_, nullptr)) {
    registry->remove(place_);
  }
}

SessionRegistry::SessionRegistry() : random_(random_seed()) {}

SessionRegistry::Entry SessionRegistry::add(std::weak_ptr<Session> session, Pace pace, std::string label) {
  const std::lock_guard lock(mutex_);
  members_.push_back({session, pace, std::move(label)});
  if (draining_) {
    due_.push({random_instant(pace, sys::now()), std::move(session)});
    changed_.notify_all();
  }
  return {this, std::prev(members_.end())};
}

void SessionRegistry::remove(Members::iterator place) {
  const std::lock_guard lock(mutex_);
  members_.erase(place);
  if (members_.empty()) {
    changed_.notify_all();
  }
}

std::size_t SessionRegistry::size() const {
  const std::lock_guard lock(mutex_);
  return members_.size();
}

void SessionRegistry::drain(const StepContext& step, Duration idle_grace) {
  const Outcome outcome = drain(step.token(), step.remaining(), idle_grace);
  if (outcome.cut > 0) {
    step.lost(describe(outcome));
  } else if (outcome.told > 0) {
    step.note(std::to_string(outcome.told) + " drained");
  }
}

SessionRegistry::Outcome SessionRegistry::drain(const std::stop_token& token, Duration time,
                                                Duration idle_grace) {
  std::unique_lock lock(mutex_);
  const Time now = sys::now();
  time = std::min(time, kLongestDrain);
  draining_ = true;
  last_end_ = now + time - time / 10;  // who ends by himself a little earlier is not cut
  idle_grace_ = std::min(idle_grace, time / 2);
  spread_until_ = now + std::min(kLongestSpread, time / 3);
  for (const Member& member : members_) {
    due_.push({random_instant(member.pace, now), member.session});
  }
  const Time cut_at = now + time - std::min(time / 20, kCutMargin);
  while (!members_.empty() && !token.stop_requested() && sys::now() < cut_at) {
    tell_due(lock);
    const Time next = due_.empty() ? cut_at : std::min(due_.top().when, cut_at);
    changed_.wait_until(lock, token, next,
                        [&] { return members_.empty() || (!due_.empty() && due_.top().when < next); });
  }
  return cut_rest(lock);
}

void SessionRegistry::wait(const std::stop_token& token) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, token, [&] { return members_.empty(); });
  cut_rest(lock);
}

Time SessionRegistry::random_instant(Pace pace, Time now) {
  if (pace == Pace::together || spread_until_ <= now) {
    return now;
  }
  return now +
         Duration(std::uniform_int_distribution<Duration::rep>(0, (spread_until_ - now).count())(random_));
}

void SessionRegistry::tell_due(std::unique_lock<std::mutex>& lock) {
  std::vector<std::weak_ptr<Session>> now_due;
  const Time now = sys::now();
  for (; !due_.empty() && due_.top().when <= now; due_.pop()) {
    now_due.push_back(due_.top().session);
  }
  told_ += now_due.size();
  const DrainTime time{idle_grace_, std::max(last_end_ - now, Duration::zero())};
  lock.unlock();  // a session's end comes back through remove()
  for (const auto& each : now_due) {
    if (const auto session = each.lock()) {
      session->begin_drain(time);
    }
  }
  lock.lock();
}

SessionRegistry::Outcome SessionRegistry::cut_rest(std::unique_lock<std::mutex>& lock) {
  Outcome outcome{.told = told_, .cut = members_.size()};
  std::vector<std::weak_ptr<Session>> rest;
  for (const Member& member : members_) {
    rest.push_back(member.session);
    if (!member.label.empty() && outcome.labels.size() < kMaxLabels) {
      outcome.labels.push_back(member.label);
    }
  }
  lock.unlock();
  for (const auto& each : rest) {
    if (const auto session = each.lock()) {
      session->cut();
    }
  }
  lock.lock();
  changed_.wait_until(lock, sys::now() + kCutWait, [&] { return members_.empty(); });
  return outcome;
}

}  // namespace lastcall::beast
