#include "wrapper/child.h"

#include <csignal>

#include "base/assert.h"

namespace lastcall::wrapper {

Child::Child(net::Loop& loop, SignalTarget target, Observer& observer)
    : loop_(loop), target_(target), observer_(observer) {}

Child::~Child() {
  if (spawned_.link) {
    loop_.unwatch(spawned_.link.get());
  }
}

Result<void> Child::start(const sys::SpawnRequest& request) {
  LASTCALL_ASSERT(spawned_.pid < 0);
  Result<sys::Spawned> spawned = sys::spawn(request);
  if (!spawned) {
    return tl::unexpected(std::move(spawned.error()));
  }
  spawned_ = std::move(*spawned);
  LASTCALL_ASSERT(loop_.watch(spawned_.link.get(), sys::kReadable, *this) == 0);
  return {};
}

void Child::stop(int signal, Time now, Time deadline) {
  if (!running() || released_ || stop_signal_) {
    return;
  }
  stop_signal_ = signal;
  if (target_ == SignalTarget::group) {
    signal_group();
    return;
  }
  sys::signal_process(spawned_.pid, signal);
  // A stopped process (SIGTTOU, a debugger) takes its signals only when it goes on.
  sys::signal_process(spawned_.pid, SIGCONT);
  if (target_ == SignalTarget::automatic) {
    escalate_at_ = now + (deadline - now) / 2;
  }
}

void Child::kill() {
  escalate_at_ = Time::max();
  if (spawned_.link) {
    release();
  }
}

void Child::release() {
  released_ = true;
  sys::release(spawned_);
}

void Child::signal(int number) {
  if (running() && !released_) {
    sys::signal_process(spawned_.pid, number);
  }
}

Time Child::tick(Time now) {
  if (now < escalate_at_) {
    return escalate_at_;
  }
  escalate_at_ = Time::max();
  if (sys::group_members(spawned_.pid) > 0) {
    signal_group();
  }
  return Time::max();
}

void Child::on_events(std::uint32_t) {
  while (spawned_.link) {
    const std::optional<sys::KeeperNews> news = sys::keeper_news(spawned_);
    if (!news) {
      return;
    }
    handle(*news);
  }
}

void Child::handle(const sys::KeeperNews& news) {
  switch (news.kind) {
    case sys::KeeperNews::Kind::exited:
      handle_exit(news);
      break;
    case sys::KeeperNews::Kind::orphan:
      release_unless_members_live();
      break;
    case sys::KeeperNews::Kind::gone:
      gone_ = true;
      descendants_killed_ = news.count;
      break;
    case sys::KeeperNews::Kind::lost:
      handle_end_of_link();
      break;
  }
}

void Child::handle_exit(const sys::KeeperNews& news) {
  exit_ = news.exit;
  escalate_at_ = Time::max();
  // A shell that died of the signal leaves the real app behind: that one has not heard of it yet. Unless the
  // keeper is killing already: then this news may be older than the leader's end, and its id another's.
  if (released_) {
    observer_.child_exited(*exit_);
    return;
  }
  if (stop_signal_ && news.count > 0 && target_ != SignalTarget::child) {
    if (!group_told_) {
      signal_group();
    }
    release_unless_members_live();
  } else {
    release();
  }
  observer_.child_exited(*exit_);
}

void Child::handle_end_of_link() {
  loop_.unwatch(spawned_.link.get());
  spawned_.link.reset();
  sys::reap_process(spawned_.keeper);
  if (!exit_) {
    exit_ = sys::ExitStatus{true, SIGKILL};
    observer_.child_exited(*exit_);
  }
  if (gone_) {
    observer_.child_gone();
  } else {
    observer_.keeper_lost();
  }
}

void Child::signal_group() {
  group_told_ = true;
  sys::signal_group(spawned_.pid, *stop_signal_);
  sys::signal_group(spawned_.pid, SIGCONT);
}

void Child::release_unless_members_live() {
  if (!released_ && sys::group_members(spawned_.pid) == 0) {
    release();
  }
}

}  // namespace lastcall::wrapper
