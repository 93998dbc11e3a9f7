// ControlClient: asks a running `lastcall run` over its control socket, one request at a time, each with a
// bound on its time and its answer. Blocking: for sub-commands, never for `run` itself.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "sys/address.h"
#include "sys/fd.h"

namespace lastcall {

struct ControlAnswer {
  int status = 0;
  std::string body{};
};

class ControlClient {
 public:
  explicit ControlClient(sys::Address address) : address_(std::move(address)) {}

  /// Error: nobody answers there, or not within kPatience.
  [[nodiscard]] Result<ControlAnswer> ask(std::string_view method, std::string_view path,
                                          std::string_view accept) const;

  /// Asks what is answered only at the end of the process: a connection for read_answer(), or a negative
  /// errno.
  [[nodiscard]] sys::UniqueFd ask_for_the_end(std::string_view path) const;

  /// What has come on that connection by the end. Error: no whole answer has.
  [[nodiscard]] Result<ControlAnswer> read_answer(const sys::UniqueFd& fd) const;

  /// Nobody listens there any more.
  [[nodiscard]] bool is_gone() const;

  static constexpr Duration kPatience = 10s;

 private:
  sys::Address address_;
};

/// What the words of a sub-command that talks to a running one say.
struct ControlWords {
  std::string socket{};            ///< --control PATH, or LASTCALL_CONTROL; empty: the only one that runs
  std::vector<std::string> flags;  ///< of those that were allowed, "--json"
  bool help = false;

  [[nodiscard]] bool has(std::string_view flag) const;
};

/// Error: status 2.
[[nodiscard]] Result<ControlWords> read_control_words(std::span<const std::string> words,
                                                      std::span<const std::string_view> allowed);

}  // namespace lastcall
