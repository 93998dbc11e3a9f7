// Kernel: a simulated machine behind sys/sys.h, linked in place of Linux: descriptors, a network, processes,
// threads and a clock, none of them real, all from one seed. calls_*.cc put the calls of sys:: to the one
// kernel alive; a call that no product code under simulation makes is missing there, and does not link.
// EINTR is no fault here: the real implementation retries it before anybody sees it.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "sim/kernel/fibers.h"
#include "sim/kernel/file.h"
#include "sim/kernel/listener.h"
#include "sim/kernel/processes.h"

namespace lastcall::sim {

/// What the kernel refuses now and then, in percent of the calls, and what it does not know at all.
struct Faults {
  int accept = 0;   ///< EMFILE, ENOMEM, ECONNABORTED, …
  int connect = 0;  ///< EMFILE, EADDRNOTAVAIL
  int watch = 0;    ///< ENOMEM
  bool no_ifindex = false;
  bool ifindex_lies = false;  ///< where there is none: the call succeeds all the same
  bool no_filter = false;
  bool no_sock_diag = false;
  bool wall_clock_jumps = false;
};

class Kernel {
 public:
  using Trace = std::function<void(const std::string&)>;

  Kernel(std::uint64_t seed, const Faults& faults, Trace trace);
  ~Kernel();
  Kernel(const Kernel&) = delete;
  Kernel& operator=(const Kernel&) = delete;

  [[nodiscard]] Time now() const { return timeline_.now(); }

  [[nodiscard]] Timeline& timeline() { return timeline_; }

  [[nodiscard]] Random& random() { return random_; }

  [[nodiscard]] Fibers& fibers() { return fibers_; }

  [[nodiscard]] Network& network() { return network_; }

  [[nodiscard]] Processes& processes() { return processes_; }

  [[nodiscard]] Wire wire() { return {timeline_, fibers_, random_}; }

  // Descriptors.

  int open(std::shared_ptr<File> file);
  void close(int fd);
  [[nodiscard]] std::shared_ptr<File> file(int fd);

  template <class Kind>
  [[nodiscard]] std::shared_ptr<Kind> file_as(int fd) {
    std::shared_ptr<Kind> kind = std::dynamic_pointer_cast<Kind>(file(fd));
    if (kind == nullptr) {
      misused(fmt::format("descriptor {} is not what the call takes", fd));
    }
    return kind;
  }

  [[nodiscard]] std::size_t open_descriptors() const { return files_.size(); }

  // Faults.

  [[nodiscard]] const Faults& faults() const { return faults_; }

  /// Faults happen from now on, or no longer.
  void arm(bool on) { armed_ = on; }

  /// Whether this call is one of `percent`; it is counted.
  bool fails(int percent);

  [[nodiscard]] int failed_calls() const { return failed_calls_; }

  /// What the next accept answers instead: a negative errno.
  void fail_next_accept(int error) { accept_error_ = error; }

  [[nodiscard]] int take_accept_error() { return std::exchange(accept_error_, 0); }

  // What the simulation is told.

  /// The product has used the kernel as no correct program does.
  void misused(std::string how);

  [[nodiscard]] const std::vector<std::string>& misuses() const { return misuses_; }

  /// Every connection that the product has accepted, in order.
  std::vector<std::shared_ptr<Endpoint>> accepted;

  template <class... Values>
  void trace(fmt::format_string<Values...> text, const Values&... values) {
    if (trace_) {
      trace_(fmt::format("{:12.3f} ms  {}", to_milliseconds(now() - kStart),
                         fmt::vformat(text, fmt::make_format_args(values...))));
    }
  }

  static constexpr Time kStart{1h};

 private:
  const Faults faults_;
  Trace trace_;
  Timeline timeline_;
  Random random_;
  Fibers fibers_;
  Network network_;
  Processes processes_;
  std::map<int, std::shared_ptr<File>> files_;
  std::vector<std::string> misuses_;
  int failed_calls_ = 0;
  int accept_error_ = 0;
  bool armed_ = false;
};

/// The one alive.
[[nodiscard]] Kernel& kernel();

}  // namespace lastcall::sim
