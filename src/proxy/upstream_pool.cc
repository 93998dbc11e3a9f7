#include "proxy/upstream_pool.h"

#include <algorithm>
#include <cerrno>

#include "proxy/shard.h"

namespace lastcall::proxy {

UpstreamPool::UpstreamPool(Shard& shard)
    : shard_(shard),
      most_idle_(std::max<std::size_t>(shard.settings().max_connections / shard.settings().workers, 1)) {}

Upstream* UpstreamPool::reuse(bool idempotent, Time now) {
  if (idle_.empty()) {
    return nullptr;
  }
  Upstream* const upstream = idle_.back();
  const Duration idle = now - upstream->idle_since;
  if (upstream->stream().readable()) {
    shard_.later(*upstream);  // perhaps the app has closed it: not to be used before that is known
    return nullptr;
  }
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
  if (lifetime <= Duration::zero() || idle_.size() >= most_idle_) {
    close(upstream);
    return;
  }
  upstream.idle_since = now;
  upstream.idle_until = now + lifetime;
  idle_.push_back(&upstream);
  next_expiry_ = std::min(next_expiry_, upstream.idle_until);
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
  if (now < next_expiry_) {
    return next_expiry_;
  }
  next_expiry_ = Time::max();
  for (std::size_t i = idle_.size(); i-- > 0;) {
    if (now >= idle_[i]->idle_until) {
      close(*idle_[i]);
    } else {
      next_expiry_ = std::min(next_expiry_, idle_[i]->idle_until);
    }
  }
  return next_expiry_;
}

void UpstreamPool::close_idle() {
  while (!idle_.empty()) {
    close(*idle_.back());
  }
}

}  // namespace lastcall::proxy
