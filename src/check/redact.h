// Redaction: what may be secret is masked before anything is shown or kept: command lines by how such words
// look, any text by the secrets that we were given ourselves. Pure.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace lastcall::check {

inline constexpr std::string_view kMask = "***";

/// A command line with the values of what is named like a password, token or key masked, and with the
/// credentials and queries of URLs.
[[nodiscard]] std::vector<std::string> redact_command(std::span<const std::string> argv);

/// Secrets that were given to us.
class Redactor {
 public:
  /// The value of a "Name: value" field.
  void add_header(std::string_view field);

  /// What stands behind the '?' of a path.
  void add_query(std::string_view path);

  /// `text` without any of them.
  [[nodiscard]] std::string mask(std::string text) const;

 private:
  void add(std::string_view secret);

  std::vector<std::string> secrets_;
};

}  // namespace lastcall::check
