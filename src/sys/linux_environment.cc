#include <unistd.h>

#include "sys/sys.h"

namespace lastcall::sys {

std::vector<std::string> environment() {
  std::vector<std::string> entries;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    entries.emplace_back(*entry);
  }
  return entries;
}

void exit_now(int status) {
  ::_exit(status);
}

}  // namespace lastcall::sys
