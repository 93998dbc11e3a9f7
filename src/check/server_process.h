// ServerProcess: a server that was started to be watched: its exit, what it left behind, the last lines of
// its output. Whatever becomes of us, it ends with us, and everything below it. Decides nothing about when it
// is signalled. One thread, the loop's.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "net/loop.h"
#include "sys/sys.h"

namespace lastcall::check {

/// A server's command line and environment, "NAME=VALUE" each.
struct Command {
  std::vector<std::string> argv;
  std::vector<std::string> environment;
};

/// The same for a server on this port: {port} in its arguments replaced, {{port}} turned into {port}, PORT
/// set.
[[nodiscard]] Command on_port(Command command, std::uint16_t port);

class ServerProcess final : public net::Handler {
 public:
  static constexpr std::size_t kMaxOutput = 64 * 1024;  ///< of its output that is kept, the newest

  explicit ServerProcess(net::Loop& loop) : loop_(loop) {}

  /// What is left of the server is killed soon; end() and gone() to be certain.
  ~ServerProcess() override;
  ServerProcess(const ServerProcess&) = delete;
  ServerProcess& operator=(const ServerProcess&) = delete;

  /// Once; never through a shell, in a process group of its own. Error: 127 not found, 126 not executable,
  /// 125 otherwise.
  Result<void> start(const Command& command);

  /// To the program alone, as long as it runs.
  void signal(int number);

  /// To everything below the program but not the program itself.
  void signal_descendants(int number);

  /// Kills what is left.
  void end();

  /// The program that was started; what it left behind may go on.
  [[nodiscard]] const std::optional<sys::ExitStatus>& exited() const { return exited_; }

  [[nodiscard]] Time exited_at() const { return exited_at_; }

  /// Dead children that it had not waited for when it exited.
  [[nodiscard]] int zombies() const { return zombies_; }

  /// Living processes that outlived it. Only once it has exited, and before end(). Some milliseconds' work.
  [[nodiscard]] std::vector<sys::Running> left_behind() const;

  /// Nothing of it is left: after end(), or because it never started.
  [[nodiscard]] bool gone() const { return !child_.link; }

  [[nodiscard]] pid_t pid() const { return child_.pid; }

  /// What it printed last, to stdout and stderr.
  [[nodiscard]] const std::string& output() const { return output_.text; }

  void on_events(std::uint32_t events) override;

 private:
  struct Output final : net::Handler {
    void on_events(std::uint32_t events) override;

    net::Loop* loop = nullptr;
    sys::UniqueFd reader;
    std::string text;
  };

  void lose_keeper();

  net::Loop& loop_;
  sys::Spawned child_;
  std::optional<sys::ExitStatus> exited_;
  Time exited_at_ = Time::max();
  int zombies_ = 0;
  Output output_;
};

/// "exit 0", "died of SIGTERM".
[[nodiscard]] std::string describe(const sys::ExitStatus& exit);

/// The last `lines` of a text, without empty ones at its end.
[[nodiscard]] std::string_view last_lines(std::string_view text, std::size_t lines);

}  // namespace lastcall::check
