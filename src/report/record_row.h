// A row of a record: one observation, departure or probe as a JSON array without nesting. Written and read by
// hand because a record may have a million of them; columns() names their order once, for both ways. Only
// report/recording uses it. Any thread.
#pragma once

#include <charconv>
#include <concepts>
#include <cstddef>
#include <limits>
#include <string>
#include <string_view>

#include "base/time.h"
#include "judge/trial.h"

namespace lastcall::report {

/// Appends one row to a record. Instants are written as nanoseconds since the signal.
class RowWriter {
 public:
  RowWriter(std::string& out, std::string_view tag, Time signalled) : out_(out), signalled_(signalled) {
    out_.append("[\"").append(tag).append("\"");
  }

  void number(std::integral auto value) {
    char digits[std::numeric_limits<decltype(value)>::digits10 + 3] = {','};
    out_.append(digits, std::to_chars(digits + 1, std::end(digits), value).ptr);
  }

  void flag(bool value) { out_.append(value ? ",1" : ",0"); }

  void instant(Time value);

  void outcome(judge::Outcome value);

  void end() { out_.append("]\n"); }

 private:
  std::string& out_;
  Time signalled_;
};

/// Reads one row from a line without its end. After the first thing that is wrong it reads nothing more.
class RowReader {
 public:
  /// `signalled` is that of the trial which the row belongs to.
  RowReader(std::string_view line, Time signalled);

  /// The first column.
  [[nodiscard]] std::string_view tag() const { return tag_; }

  void number(std::integral auto& value) { read(next(), value); }

  void flag(bool& value);

  void instant(Time& value);

  void outcome(judge::Outcome& value);

  void end();

  /// What is wrong and in which column; empty: nothing.
  [[nodiscard]] const std::string& problem() const { return problem_; }

 private:
  void read(std::string_view text, std::integral auto& value) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) {
      fail(error == std::errc::result_out_of_range ? "the number is out of range"
                                                   : "a whole number is expected");
    }
  }

  std::string_view next();
  std::string_view next_word();
  void fail(std::string_view expected);

  std::string_view rest_;  ///< after the last column that was read
  std::string_view tag_;
  Time signalled_;
  std::size_t column_ = 0;
  std::string problem_;
};

/// Row is a RowWriter or a RowReader, and the evidence const for the former.
template <class Row, class Observation>
  requires std::same_as<std::remove_const_t<Observation>, judge::Observation>
void columns(Row& row, Observation& one) {
  row.number(one.flow);
  row.outcome(one.outcome);
  row.flag(one.reused);
  row.flag(one.told_to_leave);
  row.flag(one.retry_after);
  row.number(one.status);
  row.number(one.close_code);
  row.number(one.error);
  row.instant(one.intended);
  row.instant(one.started);
  row.instant(one.connected);
  row.instant(one.answered);
  row.instant(one.ended);
  row.number(one.sent);
  row.number(one.received);
  row.end();
}

template <class Row, class Departure>
  requires std::same_as<std::remove_const_t<Departure>, judge::Departure>
void columns(Row& row, Departure& one) {
  row.number(one.flow);
  row.instant(one.at);
  row.instant(one.last_used);
  row.number(one.error);
  row.number(one.answered);
  row.flag(one.told_to_leave);
  row.end();
}

template <class Row, class Probe>
  requires std::same_as<std::remove_const_t<Probe>, judge::Probe>
void columns(Row& row, Probe& one) {
  row.instant(one.asked);
  row.instant(one.answered);
  row.number(one.status);
  row.number(one.error);
  row.end();
}

inline constexpr std::string_view kObservationTag = "o";
inline constexpr std::string_view kDepartureTag = "d";
inline constexpr std::string_view kReadinessTag = "r";
inline constexpr std::string_view kLivenessTag = "l";

/// Added to any instant of a trial it does not overflow: see kLatestSignal.
inline constexpr Duration kMaxSinceSignal{std::int64_t{1} << 62U};
inline constexpr Time kLatestSignal{Duration{std::int64_t{1} << 61U}};

}  // namespace lastcall::report
