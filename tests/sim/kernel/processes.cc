#include "sim/kernel/processes.h"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <utility>

#include "base/assert.h"

namespace lastcall::sim {
namespace {

constexpr Duration kLongestSwitch = 200us;  // until another process has run

}  // namespace

Processes::Processes(Timeline& timeline, Fibers& fibers, Random& random)
    : timeline_(timeline), fibers_(fibers), random_(random), signals_(std::make_shared<SignalFile>(fibers)) {}

void Processes::set_program(Program& program, int workers, bool workers_obey) {
  program_ = &program;
  workers_ = workers;
  workers_obey_ = workers_obey;
}

void Processes::signal_us(int signal, pid_t sender) {
  if (std::ranges::find(signals_->waiting(), signal, &sys::Signal::number) == signals_->waiting().end()) {
    signals_->put({signal, sender});  // signals do not queue
  }
}

std::shared_ptr<LinkFile> Processes::spawn() {
  LASTCALL_ASSERT(program_ != nullptr && app_ == Life::none);
  link_ = std::make_shared<LinkFile>(fibers_);
  keeper_ = Life::alive;
  app_ = Life::alive;
  program_->started();
  return link_;
}

/// News from another process, in order.
void Processes::tell_link(sys::KeeperNews news) {
  last_news_ = std::max(last_news_, timeline_.now() + random_.between(Duration::zero(), kLongestSwitch));
  timeline_.at(last_news_, [link = link_, news] { link->put(news); });
}

// The app and its group.

void Processes::app_exits(sys::ExitStatus status) {
  if (app_ == Life::alive) {
    end_app(status);
  }
}

void Processes::end_app(sys::ExitStatus status) {
  app_ = Life::zombie;
  app_ended_ = timeline_.now();
  program_->died();
  if (keeper_ == Life::alive) {
    tell_link({.kind = sys::KeeperNews::Kind::exited, .exit = status, .count = workers_});
  }
}

int Processes::signal(pid_t pid, int signal) {
  if (pid >= kFirstWorker && orphans_are_ours_) {
    LASTCALL_ASSERT(signal == SIGKILL);
    killed_any_ = true;
    workers_end(1);
    return 0;
  }
  LASTCALL_ASSERT(pid == kApp);
  if (app_ != Life::alive) {
    return app_ == Life::zombie ? 0 : -ESRCH;
  }
  if (signal == SIGKILL) {
    killed_any_ = true;
    end_app({true, SIGKILL});
  } else if (signal != SIGCONT) {
    const bool stops = signal == SIGTERM || signal == SIGINT || signal == SIGQUIT;
    if (stops && !app_signalled_) {
      app_signalled_ = timeline_.now();
      stop_signal_ = signal;
    }
    timeline_.after(random_.between(Duration::zero(), kLongestSwitch), [this, signal] {
      if (app_ == Life::alive) {
        program_->signalled(signal);
      }
    });
  }
  return 0;
}

int Processes::signal_group(pid_t leader, int number) {
  LASTCALL_ASSERT(leader == kApp);
  if (number != SIGCONT && (workers_obey_ || number == SIGKILL)) {
    timeline_.after(random_.between(Duration::zero(), kLongestSwitch), [this] { workers_end(workers_); });
  }
  return signal(leader, number);
}

void Processes::workers_end(int count) {
  const int ending = std::min(count, workers_);
  workers_ -= ending;
  if (orphans_are_ours_) {
    dead_orphans_ += ending;
    signal_us(SIGCHLD, kFirstWorker);
    return;
  }
  if (app_ == Life::zombie && keeper_ == Life::alive && !released_) {
    for (int i = 0; i < ending; ++i) {
      tell_link({.kind = sys::KeeperNews::Kind::orphan});
    }
  }
}

// The keeper.

void Processes::release() {
  if (keeper_ != Life::alive || std::exchange(released_, true)) {
    return;
  }
  timeline_.after(random_.between(Duration::zero(), kLongestSwitch), [this] {
    if (keeper_ == Life::alive) {
      keeper_ends(true);
    }
  });
}

void Processes::kill_keeper() {
  if (keeper_ == Life::alive) {
    keeper_ends(false);
  }
}

// Without its keeper the app dies, and what the app leaves behind falls to us.
void Processes::keeper_ends(bool regularly) {
  if (app_ == Life::alive) {
    killed_any_ = true;
    if (!regularly) {
      keeper_ = Life::zombie;
    }
    end_app({true, SIGKILL});
  }
  app_ = Life::gone;
  if (regularly) {
    killed_any_ |= workers_ > 0;
    tell_link({.kind = sys::KeeperNews::Kind::gone, .count = std::exchange(workers_, 0)});
  } else {
    orphans_are_ours_ = true;
  }
  keeper_ = Life::zombie;
  tell_link({.kind = sys::KeeperNews::Kind::lost});
  signal_us(SIGCHLD, kKeeper);
}

void Processes::reap_keeper() {
  LASTCALL_ASSERT(keeper_ == Life::zombie);
  keeper_ = Life::gone;
}

std::vector<pid_t> Processes::children() const {
  std::vector<pid_t> pids;
  const int ours = orphans_are_ours_ ? workers_ + dead_orphans_ : 0;
  for (int i = 0; i < ours; ++i) {
    pids.push_back(kFirstWorker + i);
  }
  return pids;
}

std::optional<sys::Reaped> Processes::reap() {
  if (dead_orphans_ == 0) {
    return std::nullopt;
  }
  --dead_orphans_;
  return sys::Reaped{kFirstWorker, {true, SIGKILL}};
}

int Processes::left() const {
  const auto counts = [](Life life) { return life == Life::alive || life == Life::zombie ? 1 : 0; };
  return counts(keeper_) + counts(app_) + workers_ + dead_orphans_;
}

}  // namespace lastcall::sim
