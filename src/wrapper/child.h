// Child: one wrapped program from its start until nothing below it is left. It signals and escalates; when to
// stop it and what its exit means is for others to decide. Several may live beside each other. Control
// thread.
#pragma once

#include <optional>

#include "base/time.h"
#include "net/loop.h"
#include "sys/sys.h"
#include "wrapper/settings.h"

namespace lastcall::wrapper {

class Child final : public net::Handler {
 public:
  class Observer {
   public:
    virtual ~Observer() = default;
    /// The program itself has exited; others below it may still run.
    virtual void child_exited(sys::ExitStatus exit) = 0;
    /// Nothing is left below it, and every id is free.
    virtual void child_gone() = 0;
    /// Somebody killed the keeper. The program died with it; what it left behind is now ours to end.
    virtual void keeper_lost() = 0;
  };

  Child(net::Loop& loop, SignalTarget target, Observer& observer);
  ~Child() override;
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  /// Error: 127 not found, 126 not executable, 125 otherwise.
  Result<void> start(const sys::SpawnRequest& request);

  /// Asks it to stop, and its group as the signal target says.
  void stop(int signal, Time now, Time deadline);

  /// SIGKILL to it, its group and every descendant.
  void kill();

  void signal(int number);

  /// Escalates when it is time; says when to call again.
  [[nodiscard]] Time tick(Time now);

  [[nodiscard]] pid_t pid() const { return spawned_.pid; }

  [[nodiscard]] pid_t keeper() const { return spawned_.keeper; }

  [[nodiscard]] bool running() const { return spawned_.pid > 0 && !exit_; }

  /// It runs, and its exit is on its way.
  [[nodiscard]] bool ending() const { return running() && sys::is_ending(spawned_.pid); }

  /// Processes beside the program that SIGKILL had to end.
  [[nodiscard]] int descendants_killed() const { return descendants_killed_; }

  void on_events(std::uint32_t events) override;

 private:
  void handle(const sys::KeeperNews& news);
  void handle_exit(const sys::KeeperNews& news);
  void handle_end_of_link();
  void release();
  void signal_group();
  void release_unless_members_live();

  net::Loop& loop_;
  const SignalTarget target_;
  Observer& observer_;
  sys::Spawned spawned_;
  std::optional<sys::ExitStatus> exit_;
  std::optional<int> stop_signal_;
  Time escalate_at_ = Time::max();
  bool group_told_ = false;  ///< to end; a second signal means "at once" to many programs
  bool released_ = false;    ///< the keeper kills and reaps: the ids may be another's at any moment
  bool gone_ = false;
  int descendants_killed_ = 0;
};

}  // namespace lastcall::wrapper
