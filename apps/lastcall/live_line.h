// LiveLine: how something long goes, on stderr: on a terminal one line that changes, elsewhere a line
// whenever something begins.
#pragma once

#include <string>

namespace lastcall {

class LiveLine {
 public:
  LiveLine();
  ~LiveLine();
  LiveLine(const LiveLine&) = delete;
  LiveLine& operator=(const LiveLine&) = delete;

  /// Where nothing can be redrawn, `begun` is written when it changes, with `detail`.
  void show(const std::string& live, const std::string& begun, const std::string& detail = {});

  /// Takes the line away.
  void clear();

 private:
  const bool live_;
  bool shown_ = false;
  std::string said_;
};

}  // namespace lastcall
