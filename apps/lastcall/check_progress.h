// How a check goes, on stderr: a live line on a terminal, elsewhere a line whenever something begins.
#pragma once

#include <string>

#include "check/progress.h"

namespace lastcall {

class CheckProgress {
 public:
  CheckProgress();
  ~CheckProgress();
  CheckProgress(const CheckProgress&) = delete;
  CheckProgress& operator=(const CheckProgress&) = delete;

  void show(const check::Progress& progress);

  /// Takes the live line away.
  void clear();

 private:
  void show_live(const check::Progress& progress);
  void show_begin(const check::Progress& progress);

  const bool live_;
  bool shown_ = false;
  std::string said_;  ///< the last line that is no live one
};

}  // namespace lastcall
