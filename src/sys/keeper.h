// The keeper: the process between us and a program that we start. It is the program's parent and the reaper
// of all its orphans, and has one duty: once its link to us closes, because we ask for it or because we have
// died, nothing below it survives. A fork of ours without exec, single-threaded.
// Private to the Linux implementation of sys.
#pragma once

#include <sys/types.h>

#include <vector>

#include "sys/sys.h"

namespace lastcall::sys {

/// One packet from the keeper to us.
struct KeeperMessage {
  enum class Kind : int { started, failed, exited, orphan, gone };
  Kind kind = Kind::failed;
  pid_t pid = -1;     ///< of started
  int error = 0;      ///< of failed
  ExitStatus exit{};  ///< of exited
  int count = 0;      ///< of exited and gone
  int zombies = 0;    ///< of exited
};

/// What exec takes, made before the fork. Borrows from the request.
struct ExecVectors {
  explicit ExecVectors(const SpawnRequest& request);

  std::vector<char*> argv;
  std::vector<char*> environment;
};

/// The keeper's whole life: starts the program, reports over `link`, and exits with everything below it gone.
[[noreturn]] void run_keeper(int link, const ExecVectors& exec, bool foreground);

/// Turns the calling process, a child of the keeper, into the program; returns only to say why not (errno).
[[nodiscard]] int become_program(const ExecVectors& exec, bool foreground, pid_t keeper);

}  // namespace lastcall::sys
