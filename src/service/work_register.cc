#include "service/work_register.h"

#include <algorithm>
#include <bit>
#include <mutex>
#include <thread>
#include <utility>

#include "drain/gate.h"
#include "service/thread_number.h"
#include "service/work_labels.h"

namespace lastcall::service {
namespace {

constexpr unsigned kMinShards = 8;
constexpr unsigned kMaxShards = 64;

/// More than there are CPUs: threads are dealt to shards by their number, and two busy ones should not meet.
std::size_t shard_count() {
  return std::bit_ceil(std::clamp(2 * std::thread::hardware_concurrency(), kMinShards, kMaxShards));
}

}  // namespace

// Two lines: the neighbour of a line that is fetched is often fetched, too.
class alignas(128) WorkShard {
 public:
  drain::Gate gate;
  WorkLabels labels;
  WorkShards* owner = nullptr;
  std::uint32_t left_at_mark = 0;
};

class WorkShards : public std::enable_shared_from_this<WorkShards> {
 public:
  explicit WorkShards(std::shared_ptr<const Clock> clock) : clock_(std::move(clock)), shards_(shard_count()) {
    for (WorkShard& shard : shards_) {
      shard.owner = this;
    }
  }

  [[nodiscard]] WorkShard& mine() { return shards_[thread_number() & (shards_.size() - 1)]; }

  [[nodiscard]] WorkLabel* name(WorkShard& shard, std::string_view label) {
    return label.empty() ? nullptr : shard.labels.claim(label, clock_->now());
  }

  void count_refused() { refused_.fetch_add(1, std::memory_order_relaxed); }

  bool close(std::function<void()> drained) {
    if (closed_.exchange(true)) {
      return false;
    }
    {
      const std::lock_guard lock(drained_mutex_);
      drained_ = std::move(drained);
      self_ = shared_from_this();
    }
    open_ = shards_.size() + 1;  // and we, so that nothing is drained before every shard is closed
    for (WorkShard& shard : shards_) {
      if (shard.gate.close()) {
        shard_drained();
      }
    }
    shard_drained();
    return true;
  }

  void shard_drained() {
    if (open_.fetch_sub(1, std::memory_order_acq_rel) > 1) {
      return;
    }
    const std::shared_ptr<WorkShards> alive = std::move(self_);
    const std::lock_guard lock(drained_mutex_);
    if (const auto drained = std::exchange(drained_, nullptr)) {
      drained();
    }
  }

  /// Nobody is told any more; a call that is under way ends first.
  void tell_nobody() {
    const std::lock_guard lock(drained_mutex_);
    drained_ = nullptr;
  }

  void mark() {
    for (WorkShard& shard : shards_) {
      shard.left_at_mark = shard.gate.left();
    }
    marked_.store(true, std::memory_order_release);
  }

  [[nodiscard]] std::uint64_t finished() const {
    std::uint64_t sum = 0;
    if (marked_.load(std::memory_order_acquire)) {
      for (const WorkShard& shard : shards_) {
        sum += shard.gate.left() - shard.left_at_mark;  // modulo 2^32, as both are
      }
    }
    return sum;
  }

  [[nodiscard]] bool closed() const { return closed_.load(std::memory_order_acquire); }

  [[nodiscard]] std::uint64_t refused() const { return refused_.load(std::memory_order_relaxed); }

  [[nodiscard]] const std::vector<WorkShard>& all() const { return shards_; }

 private:
  const std::shared_ptr<const Clock> clock_;
  std::vector<WorkShard> shards_;
  std::atomic<std::uint64_t> refused_ = 0;
  std::atomic<bool> closed_ = false;
  std::atomic<bool> marked_ = false;
  std::atomic<std::size_t> open_ = 0;
  std::mutex drained_mutex_;
  std::function<void()> drained_;
  std::shared_ptr<WorkShards> self_;
};

WorkRegister::WorkRegister(std::string scope, std::shared_ptr<const Clock> clock)
    : name(std::move(scope)), shards_(std::make_shared<WorkShards>(std::move(clock))) {}

WorkRegister::~WorkRegister() {
  shards_->tell_nobody();
  shards_->close({});
}

Permit WorkRegister::try_enter() {
  WorkShard& shard = shards_->mine();
  if (!shard.gate.enter()) {
    shards_->count_refused();
    return {};
  }
  return {&shard, nullptr};
}

Permit WorkRegister::try_enter(std::string_view label) {
  Permit permit = try_enter();
  if (permit) {
    permit.slot_ = shards_->name(*permit.shard_, label);
  }
  return permit;
}

bool WorkRegister::close(std::function<void()> drained) {
  return shards_->close(std::move(drained));
}

bool WorkRegister::closed() const {
  return shards_->closed();
}

std::uint64_t WorkRegister::in_flight() const {
  std::uint64_t sum = 0;
  for (const WorkShard& shard : shards_->all()) {
    sum += shard.gate.in_flight();
  }
  return sum;
}

std::uint64_t WorkRegister::refused() const {
  return shards_->refused();
}

void WorkRegister::mark() {
  shards_->mark();
}

std::uint64_t WorkRegister::finished() const {
  return shards_->finished();
}

std::vector<CutWork> WorkRegister::left(Time now, std::size_t most) const {
  std::vector<WorkLabel::Content> labels;
  for (const WorkShard& shard : shards_->all()) {
    shard.labels.read_into(labels);
  }
  std::ranges::sort(labels, {}, &WorkLabel::Content::since);
  labels.resize(std::min(labels.size(), most));
  std::vector<CutWork> work;
  work.reserve(labels.size());
  for (WorkLabel::Content& label : labels) {
    work.push_back({.scope = name, .label = std::move(label.text), .age = now - label.since});
  }
  return work;
}

}  // namespace lastcall::service

namespace lastcall {

void Permit::release() noexcept {
  service::WorkShard* const shard = std::exchange(shard_, nullptr);
  if (shard == nullptr) {
    return;
  }
  if (slot_ != nullptr) {
    service::WorkLabels::give_back(static_cast<service::WorkLabel*>(std::exchange(slot_, nullptr)));
  }
  // Once out of the gate the shard may be gone, but for the last one out of a closed gate.
  if (shard->gate.leave()) {
    shard->owner->shard_drained();
  }
}

Permit Permit::fork(std::string_view label) const {
  if (shard_ == nullptr) {
    return {};
  }
  shard_->gate.fork();
  return {shard_, shard_->owner->name(*shard_, label)};
}

WorkScope::WorkScope(std::unique_ptr<service::WorkRegister> work) : work_(std::move(work)) {}

WorkScope::~WorkScope() = default;

Permit WorkScope::try_enter() {
  return work_->try_enter();
}

Permit WorkScope::try_enter(std::string_view label) {
  return work_->try_enter(label);
}

std::uint64_t WorkScope::in_flight() const {
  return work_->in_flight();
}

bool WorkScope::closed() const {
  return work_->closed();
}

}  // namespace lastcall
