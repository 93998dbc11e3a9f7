// Processes: the simulated process table: ourselves with our signals, and what spawn() started: a keeper, the
// app below it, and processes that the app has started in its own group. What the app does with a signal is
// its script's business.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "sim/kernel/file.h"

namespace lastcall::sim {

/// Where messages wait to be read: signals to ourselves, or what the keeper has to say.
template <class Message>
class QueueFile final : public File {
 public:
  explicit QueueFile(Fibers& fibers) : fibers_(fibers) {}

  void put(Message message) {
    waiting_.push_back(std::move(message));
    changed(fibers_, sys::kReadable);
  }

  std::optional<Message> take() {
    if (waiting_.empty()) {
      return std::nullopt;
    }
    Message first = std::move(waiting_.front());
    waiting_.pop_front();
    return first;
  }

  [[nodiscard]] const std::deque<Message>& waiting() const { return waiting_; }

  [[nodiscard]] std::uint32_t readiness() const override { return waiting_.empty() ? 0 : sys::kReadable; }

 private:
  Fibers& fibers_;
  std::deque<Message> waiting_;
};

using SignalFile = QueueFile<sys::Signal>;
using LinkFile = QueueFile<sys::KeeperNews>;

class Processes {
 public:
  static constexpr pid_t kOurs = 100;
  static constexpr pid_t kKeeper = 101;
  static constexpr pid_t kApp = 102;
  static constexpr pid_t kFirstWorker = 103;

  /// What the program does.
  class Program {
   public:
    virtual ~Program() = default;
    virtual void started() = 0;
    /// Any signal but SIGKILL and SIGCONT.
    virtual void signalled(int signal) = 0;
    /// It is gone: its sockets close.
    virtual void died() = 0;
  };

  Processes(Timeline& timeline, Fibers& fibers, Random& random);

  /// What the next spawn() starts, with so many processes in its group; `workers_obey` a signal to the group.
  void set_program(Program& program, int workers, bool workers_obey);

  // From outside.

  void signal_us(int signal, pid_t sender);
  /// The app ends by itself, or because of what it was told.
  void app_exits(sys::ExitStatus status);
  void kill_keeper();

  /// Living processes but ourselves, and dead ones that nobody has reaped.
  [[nodiscard]] int left() const;

  [[nodiscard]] bool app_runs() const { return app_ == Life::alive; }

  /// When it was first told to stop.
  [[nodiscard]] std::optional<Time> app_signalled() const { return app_signalled_; }

  [[nodiscard]] int stop_signal() const { return stop_signal_; }

  [[nodiscard]] std::optional<Time> app_ended() const { return app_ended_; }

  /// SIGKILL has ended the app or one of its group.
  [[nodiscard]] bool killed_any() const { return killed_any_; }

  // The kernel's side of the calls.

  std::shared_ptr<LinkFile> spawn();
  void release();

  std::shared_ptr<SignalFile> signals() { return signals_; }

  int signal(pid_t pid, int signal);
  int signal_group(pid_t leader, int signal);

  [[nodiscard]] int group_members() const { return workers_; }

  [[nodiscard]] bool app_is_zombie() const { return app_ == Life::zombie; }

  [[nodiscard]] std::vector<pid_t> children() const;
  std::optional<sys::Reaped> reap();
  void reap_keeper();

 private:
  enum class Life : std::uint8_t { none, alive, zombie, gone };

  void end_app(sys::ExitStatus status);
  void workers_end(int count);
  void keeper_ends(bool regularly);
  void tell_link(sys::KeeperNews news);

  Timeline& timeline_;
  Fibers& fibers_;
  Random& random_;
  std::shared_ptr<SignalFile> signals_;
  std::shared_ptr<LinkFile> link_;
  Program* program_ = nullptr;
  Life keeper_ = Life::none;
  Life app_ = Life::none;
  int workers_ = 0;       ///< of the app's group, alive
  int dead_orphans_ = 0;  ///< ours to reap
  bool workers_obey_ = true;
  bool orphans_are_ours_ = false;
  bool released_ = false;
  bool killed_any_ = false;
  Time last_news_{};
  std::optional<Time> app_signalled_;
  int stop_signal_ = 0;
  std::optional<Time> app_ended_;
};

}  // namespace lastcall::sim
