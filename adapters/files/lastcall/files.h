// Open files: what a service keeps open until its end, flushed, put on the disk and closed, and told if any
// of it failed: a full disk shows only here. Nothing else of the library is needed for a file that is closed
// where it is written.
#pragma once

#include <cstddef>
#include <cstdio>
#include <functional>
#include <iosfwd>
#include <memory>
#include <string>
#include <vector>

#include "lastcall/coordinator.h"

namespace lastcall::files {

struct Closed {
  std::size_t files = 0;
  std::vector<std::string> errors{};  ///< "journal: fsync: Input/output error"
};

/// Add them as they are opened. Any thread; nobody writes to them any more once close() has begun. `name` is
/// for the report.
class OpenFiles {
 public:
  struct State;

  OpenFiles();

  /// Takes over a stream of the C library.
  void add(std::string name, std::FILE* file);

  /// Takes over a descriptor.
  void add(std::string name, int fd);

  /// `file` is open on `path` and lives until it is closed here.
  void add(std::string name, std::ofstream& file, std::string path);

  /// Flushes, syncs (fsync; what has no disk, like a pipe, needs none) and closes, in the order of add(). The
  /// disk's time is not bounded.
  Closed close();

  /// The same for a step; what failed is lost.
  void close(const StepContext& step);

  /// Adds the step. Error: as Coordinator::add_step().
  Result<void> close_with(Coordinator& coordinator, Step step = {.name = "files", .stage = Stage::files});

 private:
  std::shared_ptr<State> state_;
};

}  // namespace lastcall::files
