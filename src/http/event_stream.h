// EventStream: follows a stream of Server-Sent Events to know where it may end without cutting one (WHATWG
// HTML §9.2.6). Sans-I/O; events are not put together.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace lastcall::http {

class EventStream {
 public:
  void take(std::string_view in);

  /// Takes bytes until at_boundary(), or all of them; returns how many.
  [[nodiscard]] std::size_t take_to_boundary(std::string_view in);

  /// Between two events, or between a comment and what follows: a client that hears no more has lost nothing.
  [[nodiscard]] bool at_boundary() const { return line_size_ == 0 && !in_event_; }

  /// Told when to come back: a `retry` field with a number.
  [[nodiscard]] bool retry_seen() const { return retry_seen_; }

 private:
  [[nodiscard]] std::size_t take_line(std::string_view in);
  void add_to_line(std::string_view bytes);
  void end_line();
  [[nodiscard]] std::string_view line() const;

  static constexpr std::size_t kKept = 32;  ///< enough for "retry: " and any number of milliseconds

  std::array<char, kKept> line_{};  ///< the beginning of the line being read
  std::size_t line_size_ = 0;       ///< of the whole line so far
  bool first_line_ = true;          ///< which may begin with a byte order mark
  bool after_cr_ = false;           ///< a line feed now belongs to the line end before it
  bool in_event_ = false;           ///< a field came, and no empty line yet
  bool retry_seen_ = false;
};

}  // namespace lastcall::http
