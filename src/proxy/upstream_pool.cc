#include "proxy/upstream_pool.h"

#include <algorithm>
#include <cerrno>

#include "proxy/shard.h"

namespace lastcall::proxy {

Upstream* UpstreamPool::reuse(bool idempotent, Time now) {
  if (idle_.empty()) {
    return nullptr;
  }
  Upstream* const upstream = idle_.back();
  const Duration idle = now - upstream->idle_since;
  if (now >= upstream->idle_until || (!idempotent && idle > kUnsafeReuseIdle)) {
    close(*idle_.front());  // a new one takes its place, else every POST after a pause would add one
    return nullptr;
  }
  idle_.pop_back();
  upstream->reused = true;
  return upstream;
}

Upstream* UpstreamPool::connect(int& error) {
  sys::UniqueFd fd(sys::connect_to(shard_.settings().upstream));
  if (!fd) {
    error = fd.get();
    return nullptr;
  }
  auto upstream = std::make_unique<Upstream>(shard_, std::move(fd));
  if (!upstream->stream().watch(shard_.loop(), *upstream)) {
    error = -ENOMEM;
    return nullptr;
  }
  upstream->slot = all_.size();
  all_.push_back(std::move(upstream));
  return all_.back().get();
}

void UpstreamPool::release(Upstream& upstream, Duration keep_alive, Time now) {
  const Duration lifetime = keep_alive == Duration::zero() ? kUpstreamIdle : keep_alive - kUpstreamIdleMargin;
  if (lifetime <= Duration::zero()) {
    close(upstream);
    return;
  }
  upstream.idle_since = now;
  upstream.idle_until = now + lifetime;
  idle_.push_back(&upstream);
}

void UpstreamPool::close(Upstream& upstream) {
  upstream.closed = true;
  std::erase(idle_, &upstream);
  const std::size_t slot = upstream.slot;
  std::swap(all_[slot], all_.back());
  all_[slot]->slot = slot;
  shard_.loop().retire(std::move(all_.back()));
  all_.pop_back();
}

Time UpstreamPool::expire(Time now) {
  while (!idle_.empty() && now >= idle_.front()->idle_until) {
    close(*idle_.front());
  }
  return idle_.empty() ? Time::max() : idle_.front()->idle_until;
}

void UpstreamPool::close_idle() {
  while (!idle_.empty()) {
    close(*idle_.back());
  }
}

}  // namespace lastcall::proxy
