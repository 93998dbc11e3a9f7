#include "config/manual.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/command_list.h"

namespace lastcall::config {
namespace {

using testing::HasSubstr;

std::vector<std::string> sections() {
  std::vector<std::string> titles;
  const std::string page = manual_page();
  for (std::size_t at = page.find("\n.SH "); at != std::string::npos; at = page.find("\n.SH ", at + 1)) {
    titles.push_back(page.substr(at + 5, page.find('\n', at + 1) - at - 5));
  }
  return titles;
}

TEST(Manual, HasTheSectionsOfEveryManualInTheirOrder) {
  EXPECT_THAT(sections(),
              testing::ElementsAre("NAME", "SYNOPSIS", "DESCRIPTION", "COMMANDS", "OPTIONS OF RUN",
                                   "OPTIONS OF CHECK", "OPTIONS OF MANIFEST", "EXIT STATUS", "ENVIRONMENT",
                                   "FILES", "EXAMPLES", "SEE ALSO"));
}

TEST(Manual, TellsTheExitStatusOfEveryCommandButHelp) {
  const std::string page = manual_page();
  const std::string statuses = page.substr(page.find(".SH EXIT STATUS"), page.find(".SH ENVIRONMENT"));
  for (const Command& command : commands()) {
    if (command.name != "help") {
      EXPECT_THAT(statuses, HasSubstr(".B lastcall " + std::string(command.name) + "\n"));
    }
  }
}

TEST(Manual, TellsWhatACommandWithoutATableTakes) {
  EXPECT_THAT(manual_page(),
              HasSubstr(".SS \"lastcall drain [\\-\\-undo] [\\-\\-wait] [\\-\\-control PATH]\""));
  EXPECT_THAT(manual_page(), HasSubstr(".B \"\\-\\-html [OUT]\"\n"));
}

TEST(Manual, ShowsTheExamplesOfEveryTable) {
  const std::string page = manual_page();
  const std::string examples = page.substr(page.find(".SH EXAMPLES"));
  for (const std::string_view command : {"run", "check", "manifest"}) {
    EXPECT_THAT(examples, HasSubstr("\n  lastcall " + std::string(command) + " "));
  }
}

TEST(CommandHelp, TellsUsageFlagsAndExitStatus) {
  const std::string help = command_help("status", 80);
  EXPECT_THAT(help, testing::StartsWith("Usage: lastcall status [--json] [--control PATH]\n\nTells what "));
  EXPECT_THAT(help, testing::ContainsRegex("\n  --json +The same as JSON"));
  EXPECT_THAT(help, testing::EndsWith("\nExit status: 0 told; 2 usage, or several run; 125 none answers.\n"));
}

TEST(CommandHelp, KeepsTheLinesOfWhatIsIndented) {
  EXPECT_THAT(command_help("completion", 80),
              HasSubstr("\n  source <(lastcall completion bash)       to ~/.bashrc\n  source <("));
}

}  // namespace
}  // namespace lastcall::config
