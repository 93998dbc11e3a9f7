// Prints the page of a sub-command's options: options_doc run|check|manifest.
#include <algorithm>
#include <cstdio>
#include <string_view>

#include "config/help.h"

int main(int argc, char** argv) {
  using namespace lastcall::config;
  const std::string_view command = argc > 1 ? argv[1] : "";
  const Table* const tables[] = {&run_table(), &check_table(), &manifest_table()};
  const auto* const table = std::ranges::find(tables, command, &Table::command);
  if (table == std::end(tables)) {
    return 2;
  }
  std::fputs(options_markdown(**table).c_str(), stdout);
  return 0;
}
