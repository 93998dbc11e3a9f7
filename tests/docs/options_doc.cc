// Prints docs/options.md from the option table.
#include <cstdio>

#include "config/help.h"

int main() {
  std::fputs(lastcall::config::options_markdown().c_str(), stdout);
  return 0;
}
