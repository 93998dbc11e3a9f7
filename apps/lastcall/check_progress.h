// How a check goes, on stderr: a live line on a terminal, elsewhere a line whenever something begins.
#pragma once

#include <string>

#include "check/progress.h"
#include "live_line.h"

namespace lastcall {

class CheckProgress {
 public:
  /// `title` goes before each line; empty: none.
  explicit CheckProgress(std::string title) : title_(std::move(title)) {}

  void show(const check::Progress& progress);

 private:
  const std::string title_;
  LiveLine line_;
};

}  // namespace lastcall
