#include "service/stop_link.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>
#include <vector>

#include "service/thread_number.h"
#include "sys/sys.h"

namespace lastcall::service {

class StopShard;

/// One request's source, and its place in its shard.
class StopLink {
 public:
  explicit StopLink(std::shared_ptr<StopShards> shards, StopShard& shard, Time until)
      : deadline(until), shards_(std::move(shards)), shard_(&shard) {}

  StopLink(const StopLink&) = delete;
  StopLink& operator=(const StopLink&) = delete;
  ~StopLink();

  const Time deadline;
  std::stop_source source;
  std::optional<std::size_t> place;  // in the shard's heap; guarded by the shard

 private:
  std::shared_ptr<StopShards> shards_;
  StopShard* shard_;
};

/// A binary heap, the earliest deadline on top. Each link knows its place, so that any can be taken out.
class alignas(128) StopShard {
 public:
  /// False once the shutdown aborts: nobody would stop it any more.
  bool add(StopLink& link) {
    const std::lock_guard lock(mutex_);
    if (aborted_) {
      return false;
    }
    heap_.push_back(&link);
    rise(heap_.size() - 1);
    return true;
  }

  void remove(StopLink& link) {
    const std::lock_guard lock(mutex_);
    if (link.place) {
      take(*link.place);
    }
  }

  void abort() {
    const std::lock_guard lock(mutex_);
    aborted_ = true;
  }

  [[nodiscard]] Time earliest() {
    const std::lock_guard lock(mutex_);
    return heap_.empty() ? Time::max() : heap_.front()->deadline;
  }

  /// The source of a link whose deadline is not after `now`. The link is out, and may be destroyed while its
  /// source is asked to stop.
  [[nodiscard]] std::optional<std::stop_source> take_due(Time now) {
    const std::lock_guard lock(mutex_);
    if (heap_.empty() || heap_.front()->deadline > now) {
      return std::nullopt;
    }
    std::stop_source source = heap_.front()->source;
    take(0);
    return source;
  }

 private:
  void put(StopLink* link, std::size_t place) {
    heap_[place] = link;
    link->place = place;
  }

  void take(std::size_t place) {
    heap_[place]->place.reset();
    StopLink* const last = heap_.back();
    heap_.pop_back();
    if (place < heap_.size()) {
      put(last, place);
      rise(place);
      sink(*last->place);
    }
  }

  void rise(std::size_t place) {
    StopLink* const link = heap_[place];
    while (place > 0 && link->deadline < heap_[(place - 1) / 2]->deadline) {
      put(heap_[(place - 1) / 2], place);
      place = (place - 1) / 2;
    }
    put(link, place);
  }

  void sink(std::size_t place) {
    StopLink* const link = heap_[place];
    for (std::size_t child = 2 * place + 1; child < heap_.size(); child = 2 * place + 1) {
      if (child + 1 < heap_.size() && heap_[child + 1]->deadline < heap_[child]->deadline) {
        ++child;
      }
      if (link->deadline <= heap_[child]->deadline) {
        break;
      }
      put(heap_[child], place);
      place = child;
    }
    put(link, place);
  }

  std::mutex mutex_;
  std::vector<StopLink*> heap_;
  bool aborted_ = false;
};

class StopShards {
 public:
  [[nodiscard]] StopShard& mine() { return shards_[thread_number() % shards_.size()]; }

  [[nodiscard]] Time earliest() {
    Time earliest = Time::max();
    for (StopShard& shard : shards_) {
      earliest = std::min(earliest, shard.earliest());
    }
    return earliest;
  }

  /// Stops those whose deadline is not after `now`, outside of any lock.
  void stop_due(Time now) {
    for (StopShard& shard : shards_) {
      while (std::optional<std::stop_source> source = shard.take_due(now)) {
        source->request_stop();
      }
    }
  }

  void abort() {
    for (StopShard& shard : shards_) {
      shard.abort();
    }
    stop_due(Time::max());
  }

 private:
  std::array<StopShard, 16> shards_;
};

StopLink::~StopLink() {
  shard_->remove(*this);
}

StopHub::StopHub(Clock& clock) : clock_(clock), shards_(std::make_shared<StopShards>()) {}

StopHub::~StopHub() {
  thread_.request_stop();
  const std::lock_guard lock(mutex_);
  changed_.notify_all();
}

void StopHub::request_abort() {
  abort_.request_stop();
  shards_->abort();
}

LinkedStop StopHub::link(Time deadline) {
  StopShard& shard = shards_->mine();
  auto link = std::make_unique<StopLink>(shards_, shard, deadline);
  const bool timed = deadline != Time::max();
  if ((timed && deadline <= clock_.now()) || !shard.add(*link)) {
    link->source.request_stop();
  } else if (timed) {
    watch(deadline);
  }
  return LinkedStop(std::move(link));
}

void StopHub::watch(Time deadline) {
  if (deadline >= next_look_.load()) {
    return;
  }
  const std::lock_guard lock(mutex_);
  if (!thread_.joinable()) {
    thread_ = std::jthread([this](const std::stop_token& end) { run_deadlines(end); });
  }
  changed_.notify_all();
}

void StopHub::run_deadlines(const std::stop_token& end) {
  sys::block_all_signals();
  while (!end.stop_requested()) {
    shards_->stop_due(clock_.now());
    std::unique_lock lock(mutex_);
    // First, so that whoever links behind our back while we look tells us.
    next_look_ = Time::max();
    next_look_ = shards_->earliest();
    if (!end.stop_requested() && next_look_.load() > clock_.now()) {
      clock_.wait_until(lock, changed_, next_look_);
    }
  }
}

}  // namespace lastcall::service

namespace lastcall {

LinkedStop::LinkedStop(std::unique_ptr<service::StopLink> link) : link_(std::move(link)) {}

LinkedStop::LinkedStop(LinkedStop&&) noexcept = default;
LinkedStop& LinkedStop::operator=(LinkedStop&&) noexcept = default;
LinkedStop::~LinkedStop() = default;

std::stop_token LinkedStop::token() const {
  return link_->source.get_token();
}

}  // namespace lastcall
