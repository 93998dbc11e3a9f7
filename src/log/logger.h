// Logger: structured events, one line each: text for people, JSON for machines. Neither opens, writes nor
// flushes anything: lines go to the sink that it was given, and the time comes from outside too. Any thread,
// without a lock: a line is built first and handed over in one call of at most kMaxLine bytes, which a pipe
// takes whole (PIPE_BUF).
#pragma once

#include <concepts>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <variant>

namespace lastcall::log {

enum class Level : std::uint8_t { debug, info, warn, error };

enum class Format : std::uint8_t { text, json };

/// What an event says about one thing. Borrows its text.
class Value {
 public:
  // NOLINTBEGIN(google-explicit-constructor): {"in_flight", 17} is how an event is written
  Value(std::string_view text) : value_(text) {}

  Value(const char* text) : value_(std::string_view(text)) {}

  Value(const std::string& text) : value_(std::string_view(text)) {}

  Value(bool value) : value_(value) {}

  Value(double value) : value_(value) {}

  Value(std::signed_integral auto value) : value_(std::int64_t{value}) {}

  Value(std::unsigned_integral auto value) : value_(std::uint64_t{value}) {}

  // NOLINTEND(google-explicit-constructor)

  [[nodiscard]] const auto& get() const { return value_; }

 private:
  std::variant<std::string_view, std::int64_t, std::uint64_t, double, bool> value_;
};

struct Field {
  std::string_view key;  ///< snake_case, from the program and never from outside
  Value value;
};

class Logger {
 public:
  /// Takes one line, its newline included. Called from any thread, possibly at once.
  using Sink = std::function<void(std::string_view line)>;
  /// Milliseconds since 1970, UTC.
  using WallClock = std::function<std::int64_t()>;

  static constexpr std::size_t kMaxLine = 4096;  ///< fields that do not fit are left out, with truncated=true
  static constexpr std::size_t kMaxValue =
      1024;  ///< bytes of a text value; the rest is cut off and marked "…"

  Logger(Level level, Format format, Sink sink, WallClock clock);

  void debug(std::string_view event, std::initializer_list<Field> fields = {}) const;
  void info(std::string_view event, std::initializer_list<Field> fields = {}) const;
  void warn(std::string_view event, std::initializer_list<Field> fields = {}) const;
  void error(std::string_view event, std::initializer_list<Field> fields = {}) const;

  void write(Level level, std::string_view event, std::span<const Field> fields) const;

  [[nodiscard]] bool enabled(Level level) const { return level >= level_; }

 private:
  Level level_;
  Format format_;
  Sink sink_;
  WallClock clock_;
};

}  // namespace lastcall::log
