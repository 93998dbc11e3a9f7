// Result<T>: how an operating error travels: a port that is taken, a budget that does not fit. A bug in the
// program that uses the library is an assertion, never a Result.
#pragma once

#include <string>
#include <utility>

#include <tl/expected.hpp>

namespace lastcall {

/// What went wrong and how to mend it, in words for the person at the terminal.
struct Error {
  std::string what;  ///< what failed and why, without a final period
  std::string fix;   ///< what to do about it; may be empty
  int exit_status =
      125;  ///< the process status it leads to: 2 usage, 125 lastcall failed, 126 and 127 the command
};

template <class T>
using Result = tl::expected<T, Error>;

using Failure = tl::unexpected<Error>;

inline Failure failure(std::string what, std::string fix = {}, int exit_status = 125) {
  return Failure(Error{std::move(what), std::move(fix), exit_status});
}

}  // namespace lastcall
