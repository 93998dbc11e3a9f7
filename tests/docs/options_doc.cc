// Prints the page of a sub-command's options: options_doc run|check.
#include <cstdio>
#include <string_view>

#include "config/help.h"

int main(int argc, char** argv) {
  const bool check = argc > 1 && std::string_view(argv[1]) == "check";
  const auto& table = check ? lastcall::config::check_table() : lastcall::config::run_table();
  std::fputs(lastcall::config::options_markdown(table).c_str(), stdout);
  return 0;
}
