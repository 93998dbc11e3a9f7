// Quoting: words as the languages of manifests write them. Private to deploy/. Pure.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace lastcall::deploy {

/// A string of JSON, which is one of YAML too: "\"on\"". Bytes that are no UTF-8 become U+FFFD.
[[nodiscard]] std::string json_string(std::string_view text);

/// ["/app/server", "-p"]
[[nodiscard]] std::string json_array(std::span<const std::string> words);

/// A command line for ExecStart= (systemd.service(5), "Command lines"): no word is expanded or split.
[[nodiscard]] std::string systemd_command(std::span<const std::string> words);

/// For Environment= (systemd.exec(5)), which expands specifiers but no variables.
[[nodiscard]] std::string systemd_assignment(std::string_view name, std::string_view value);

/// For ENV in a Dockerfile, which expands variables.
[[nodiscard]] std::string docker_assignment(std::string_view name, std::string_view value);

}  // namespace lastcall::deploy
