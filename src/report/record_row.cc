#include "report/record_row.h"

#include <algorithm>
#include <optional>

namespace lastcall::report {

namespace {

constexpr std::string_view kNever = "null";

std::optional<judge::Outcome> find_outcome(std::string_view name) {
  for (std::size_t i = 0; i < judge::kOutcomes; ++i) {
    const auto outcome = static_cast<judge::Outcome>(i);
    if (to_string(outcome) == name) {
      return outcome;
    }
  }
  return std::nullopt;
}

}  // namespace

void RowWriter::instant(Time value) {
  if (value == Time::max()) {
    out_.append(",").append(kNever);
    return;
  }
  number((value - signalled_).count());
}

void RowWriter::outcome(judge::Outcome value) {
  out_.append(",\"").append(to_string(value)).append("\"");
}

RowReader::RowReader(std::string_view line, Time signalled) : rest_(line), signalled_(signalled) {
  tag_ = next_word();
}

void RowReader::flag(bool& value) {
  const std::string_view text = next();
  if (text != "0" && text != "1") {
    fail("0 or 1 is expected");
    return;
  }
  value = text == "1";
}

void RowReader::instant(Time& value) {
  const std::string_view text = next();
  if (text == kNever) {
    value = Time::max();
    return;
  }
  Duration::rep since_signal = 0;
  read(text, since_signal);
  if (since_signal > kMaxSinceSignal.count() || since_signal < -kMaxSinceSignal.count()) {
    fail("the instant is out of range");
    return;
  }
  value = signalled_ + Duration(since_signal);
}

void RowReader::outcome(judge::Outcome& value) {
  const std::optional<judge::Outcome> found = find_outcome(next_word());
  if (!found) {
    fail("the name of an outcome is expected");
    return;
  }
  value = *found;
}

void RowReader::end() {
  ++column_;
  if (rest_ != "]") {
    fail("the end of the row is expected");
  }
}

/// The text of the next column: what stands between this separator and the following one.
std::string_view RowReader::next() {
  const char separator = column_ == 0 ? '[' : ',';
  ++column_;
  if (!problem_.empty() || !rest_.starts_with(separator)) {
    fail("one more column is expected");
    return {};
  }
  const std::size_t end = std::min(rest_.find_first_of(",]", 1), rest_.size());
  const std::string_view text = rest_.substr(1, end - 1);
  rest_.remove_prefix(end);
  return text;
}

/// Names of ours have nothing that JSON would escape.
std::string_view RowReader::next_word() {
  const std::string_view text = next();
  if (text.size() < 2 || !text.starts_with('"') || !text.ends_with('"')) {
    fail("a text is expected");
    return {};
  }
  return text.substr(1, text.size() - 2);
}

void RowReader::fail(std::string_view expected) {
  if (problem_.empty()) {
    problem_ = "column " + std::to_string(column_) + ": " + std::string(expected);
  }
}

}  // namespace lastcall::report
