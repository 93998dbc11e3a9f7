#include "net/accept_thread.h"

#include <algorithm>
#include <system_error>
#include <utility>

#include "net/accept_error.h"

namespace lastcall::net {
namespace {

constexpr int kAcceptsPerTurn = 16;
constexpr Duration kAcceptPause = 100ms;
constexpr Duration kPressureInterval = 20s;

}  // namespace

Result<sys::UniqueFd> AcceptThread::listen(const sys::Address& address) {
  sys::UniqueFd listener(sys::listen_on(address, kBacklog));
  if (!listener) {
    return failure(
        "cannot listen on " + address.text() + ": " + std::generic_category().message(-listener.get()),
        "choose another port, or stop what has it");
  }
  return listener;
}

AcceptThread::AcceptThread(sys::UniqueFd listener, OnAccept on_accept)
    : listener_(std::move(listener)),
      on_accept_(std::move(on_accept)),
      ifindex_works_(ListenerClose::self_test()) {
  loop_.on_batch([this](Time now) { return tick(now); });
  watch();
  thread_ = std::thread([this] {
    sys::block_all_signals();
    loop_.run();
  });
}

AcceptThread::~AcceptThread() {
  loop_.post([this] {
    unwatch();
    loop_.stop();
  });
  thread_.join();
}

void AcceptThread::pause() {
  loop_.post([this] {
    if (closing_) {
      return;
    }
    paused_ = true;
    unwatch();
  });
}

void AcceptThread::resume() {
  loop_.post([this] {
    paused_ = false;
    watch();
  });
}

void AcceptThread::close(const std::stop_token& token) {
  loop_.post([this] { begin_close(); });
  std::unique_lock lock(mutex_);
  if (changed_.wait(lock, token, [&] { return closed_; })) {
    return;
  }
  loop_.post([this] { finish_close(); });
  changed_.wait(lock, [&] { return closed_; });
}

Time AcceptThread::tick(Time now) {
  if (!listener_) {
    return Time::max();
  }
  if (now >= sample_pressure_at_) {
    syn_pressure_.sample(sys::syn_queue_overflows(), now);
    sample_pressure_at_ = now + kPressureInterval;
  }
  if (now >= resume_at_) {
    watch();
  }
  if (now >= look_again_) {
    const auto next = closing_->step(now);
    look_again_ = next.value_or(Time::max());
    if (!next) {
      finish_close();
      return Time::max();
    }
  }
  return std::min({sample_pressure_at_, resume_at_, look_again_});
}

void AcceptThread::on_events(std::uint32_t) {
  for (int i = 0; i < kAcceptsPerTurn; ++i) {
    sys::UniqueFd fd(sys::accept(listener_.get(), nullptr));
    if (fd) {
      adopt(std::move(fd));
      continue;
    }
    const AcceptError error = classify_accept_error(fd.get());
    if (error == AcceptError::that_client_only) {
      continue;
    }
    if (error == AcceptError::out_of_resources) {
      unwatch();  // a level-triggered listener would spin
      resume_at_ = loop_.now() + kAcceptPause;
    }
    return;
  }
}

void AcceptThread::adopt(sys::UniqueFd fd) {
  round_trips_[next_round_trip_++ % round_trips_.size()] = sys::round_trip_time(fd.get());
  on_accept_(std::move(fd));
}

void AcceptThread::watch() {
  resume_at_ = Time::max();
  if (!listener_ || watching_ || paused_) {
    return;
  }
  watching_ = loop_.watch(listener_.get(), sys::kReadable, *this) == 0;
  if (!watching_) {
    resume_at_ = sys::now() + kAcceptPause;
  }
}

void AcceptThread::unwatch() {
  if (std::exchange(watching_, false)) {
    loop_.unwatch(listener_.get());
  }
}

// Who is connected already is served, whatever the bound: there is no other place for him.
void AcceptThread::begin_close() {
  if (!listener_ || closing_) {
    return;
  }
  paused_ = false;
  watch();
  const Time now = sys::now();
  syn_pressure_.sample(sys::syn_queue_overflows(), now);
  closing_.emplace(listener_.get(),
                   ListenerClose::Options{.overflowed_lately = syn_pressure_.seen_lately(now),
                                          .ifindex_works = ifindex_works_},
                   now);
  closing_->allow_round_trip(std::ranges::max(round_trips_));
  look_again_ = now;
}

void AcceptThread::finish_close() {
  if (!listener_) {
    return;
  }
  unwatch();
  closing_->finish(std::move(listener_),
                   [this](sys::UniqueFd fd, const sys::Address&) { on_accept_(std::move(fd)); });
  const std::lock_guard lock(mutex_);
  closed_ = true;
  changed_.notify_all();
}

}  // namespace lastcall::net
