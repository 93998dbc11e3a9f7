#include "deploy/quote.h"

#include <algorithm>

#include <nlohmann/json.hpp>

namespace lastcall::deploy {
namespace {

using nlohmann::json;

bool is_plain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("-_./:=@,+").find(c) != std::string_view::npos;
}

/// In double quotes, C's escapes for what would end them or the line; `doubled` characters stand twice.
std::string in_double_quotes(std::string_view text, std::string_view doubled) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '\n') {
      quoted += "\\n";
      continue;
    }
    if (c == '"' || c == '\\') {
      quoted += '\\';
    }
    quoted.append(doubled.find(c) == std::string_view::npos ? 1 : 2, c);
  }
  return quoted + '"';
}

std::string systemd_word(std::string_view word) {
  const bool plain = !word.empty() && std::ranges::all_of(word, is_plain);
  return plain ? std::string(word) : in_double_quotes(word, "%$");
}

}  // namespace

std::string json_string(std::string_view text) {
  return json(text).dump(-1, ' ', false, json::error_handler_t::replace);
}

std::string json_array(std::span<const std::string> words) {
  std::string array;
  for (const std::string& word : words) {
    array.append(array.empty() ? "[" : ", ").append(json_string(word));
  }
  return array + "]";
}

std::string systemd_command(std::span<const std::string> words) {
  std::string command;
  for (const std::string& word : words) {
    command.append(command.empty() ? "" : " ").append(systemd_word(word));
  }
  return command;
}

std::string systemd_assignment(std::string_view name, std::string_view value) {
  return in_double_quotes(std::string(name).append("=").append(value), "%");
}

std::string docker_assignment(std::string_view name, std::string_view value) {
  std::string quoted = std::string(name) + "=\"";
  for (const char c : value) {
    if (c == '"' || c == '\\' || c == '$') {
      quoted += '\\';
    }
    quoted += c;
  }
  return quoted + '"';
}

}  // namespace lastcall::deploy
