// The sub-commands. Each takes the words after its name and returns the exit status of the process.
#pragma once

#include <span>
#include <string>

namespace lastcall {

int run_command(std::span<const std::string> words);
int config_command(std::span<const std::string> words);
int demo_command(std::span<const std::string> words);
int explain_command(std::span<const std::string> words);
int check_command(std::span<const std::string> words);
int status_command(std::span<const std::string> words);
int drain_command(std::span<const std::string> words);
int report_command(std::span<const std::string> words);
int manifest_command(std::span<const std::string> words);
int completion_command(std::span<const std::string> words);

}  // namespace lastcall
