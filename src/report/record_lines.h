// The lines of a record that are objects: its header, the head of each trial, its end. Reads one line each,
// strictly; the rows of evidence in between are report/record_row.h's. Only report/recording uses it. Any
// thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <variant>

#include "judge/trial.h"
#include "report/recording.h"

namespace lastcall::report {

inline constexpr std::string_view kRecordSchema = "lastcall.check-record/1";

/// What the last line says there is before it.
struct RecordTotals {
  std::size_t trials = 0;
  std::size_t observations = 0;
  std::size_t departures = 0;
  std::size_t probes = 0;

  bool operator==(const RecordTotals&) const = default;
};

// The first thing that is wrong with the line goes into `problem`, which is empty before; what is returned
// then does not count.

void read_header_line(std::string_view line, Recording& into, std::string& problem);

/// A trial without its evidence, or the end.
[[nodiscard]] std::variant<judge::Trial, RecordTotals> read_object_line(std::string_view line,
                                                                        std::string& problem);

}  // namespace lastcall::report
