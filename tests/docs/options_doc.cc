// Prints the page of a sub-command's options, or the manual: options_doc run|check|manifest|manual.
#include <algorithm>
#include <cstdio>
#include <string_view>

#include "config/help.h"
#include "config/manual.h"

int main(int argc, char** argv) {
  using namespace lastcall::config;
  const std::string_view command = argc > 1 ? argv[1] : "";
  if (command == "manual") {
    std::fputs(manual_page().c_str(), stdout);
    return 0;
  }
  const Table* const tables[] = {&run_table(), &check_table(), &manifest_table()};
  const auto* const table = std::ranges::find(tables, command, &Table::command);
  if (table == std::end(tables)) {
    return 2;
  }
  std::fputs(options_markdown(**table).c_str(), stdout);
  return 0;
}
