// Control: what the fields of one head say of its framing and of its connection, gathered line by line, with
// the rules that hold in both directions. Not a parser of lines (fields.h) and no judge of what only one
// direction knows.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "http/fields.h"
#include "http/head.h"

namespace lastcall::http {

class Control {
 public:
  /// Each takes one field's value and returns false, with the reason in `refusal`, if the head must be
  /// refused.
  [[nodiscard]] bool take_content_length(std::string_view value, Refusal& refusal);
  [[nodiscard]] bool take_transfer_encoding(std::string_view value, Refusal& refusal);
  [[nodiscard]] bool take_connection(std::string_view value, Refusal& refusal);

  /// Refuses a name that becomes a framing field once "_" is read as "-".
  [[nodiscard]] static bool check_underscores(std::string_view name, Refusal& refusal);

  /// The judgement on all fields together: not both lengths, no transfer coding in HTTP/1.0.
  [[nodiscard]] bool check(bool http10, Refusal& refusal) const;

  [[nodiscard]] bool has_length() const { return has_length_; }

  [[nodiscard]] bool chunked() const { return chunked_; }

  [[nodiscard]] std::uint64_t content_length() const { return content_length_; }

  [[nodiscard]] bool upgrade() const { return upgrade_; }

  /// RFC 9112 §9.3.
  [[nodiscard]] bool keep_alive(bool http10) const { return !close_ && (!http10 || keep_alive_); }

  /// Whether Connection names the field (lower case), beyond the hop-by-hop fields that are never forwarded.
  [[nodiscard]] bool names(std::string_view lower) const;

  /// Adds the lines of the fields that Connection names to `drops` (RFC 9110 §7.6.1). `fields` is all lines
  /// of a complete head, at the offset `begin` of the raw head. False if they are too many.
  [[nodiscard]] bool drop_named(std::string_view fields, std::uint32_t begin, DropList& drops) const;

  [[nodiscard]] bool has_named() const { return named_count_ != 0; }

 private:
  static constexpr std::size_t kMaxLists = 4;
  static constexpr std::size_t kMaxNamed = 16;

  [[nodiscard]] bool take_option(std::string_view option, Refusal& refusal);
  [[nodiscard]] bool is_named(std::string_view name) const;

  std::uint64_t content_length_ = 0;
  bool has_length_ = false;
  bool chunked_ = false;
  bool close_ = false;
  bool keep_alive_ = false;
  bool upgrade_ = false;
  std::uint8_t named_count_ = 0;
  std::uint8_t list_count_ = 0;
  std::array<std::string_view, kMaxLists> lists_;  ///< the values of Connection
};

}  // namespace lastcall::http
