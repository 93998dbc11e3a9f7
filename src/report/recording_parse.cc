#include <utility>

#include "report/record_lines.h"
#include "report/record_row.h"
#include "report/recording.h"

namespace lastcall::report {

namespace {

using judge::Trial;

constexpr int kUsage = 2;

class RecordParser {
 public:
  explicit RecordParser(std::string_view text) : rest_(text) {}

  Result<Recording> parse() {
    if (next_line()) {
      read_header_line(line_, recording_, problem_);
    }
    while (problem_.empty() && !ended_ && next_line()) {
      if (line_.starts_with('[')) {
        read_row();
      } else {
        read_object();
      }
    }
    if (problem_.empty() && !rest_.empty()) {
      ++number_;
      problem_ = "nothing may follow the end";
    }
    if (!problem_.empty()) {
      return failure("line " + std::to_string(number_) + ": " + problem_,
                     "give a whole file that `lastcall check --record` of this version has written", kUsage);
    }
    return std::move(recording_);
  }

 private:
  bool next_line() {
    ++number_;
    const std::size_t end = rest_.substr(0, kMaxRecordLine).find('\n');
    if (end == std::string_view::npos) {
      problem_ = rest_.size() < kMaxRecordLine ? "the record was cut off here" : "the line is too long";
      return false;
    }
    line_ = rest_.substr(0, end);
    rest_.remove_prefix(end + 1);
    return true;
  }

  void read_object() {
    auto line = read_object_line(line_, problem_);
    if (const auto* const told = std::get_if<RecordTotals>(&line)) {
      end(*told);
      return;
    }
    recording_.trials.push_back(std::get<Trial>(std::move(line)));
    if (problem_.empty() && recording_.trials.back().flows != recording_.trials.front().flows) {
      problem_ = "the flows differ from those of the first trial";
    }
    if (++totals_.trials > kMaxRecordTrials) {
      problem_ = "there are too many trials";
    }
  }

  void end(const RecordTotals& told) {
    ended_ = true;
    if (problem_.empty() && told != totals_) {
      problem_ = "the counts do not agree with what stands before: lines are missing, or were added";
    }
    if (problem_.empty() && told.trials == 0) {
      problem_ = "there is no trial";
    }
  }

  void read_row() {
    if (recording_.trials.empty()) {
      problem_ = "a trial is expected before its evidence";
      return;
    }
    Trial& trial = recording_.trials.back();
    RowReader row(line_, trial.signalled());
    if (row.tag() == kObservationTag) {
      add(row, trial.observations, totals_.observations);
    } else if (row.tag() == kDepartureTag) {
      add(row, trial.departures, totals_.departures);
    } else if (row.tag() == kReadinessTag) {
      add(row, trial.readiness, totals_.probes);
    } else if (row.tag() == kLivenessTag) {
      add(row, trial.liveness, totals_.probes);
    } else {
      problem_ = "a row of evidence is expected";
    }
  }

  template <class Evidence>
  void add(RowReader& row, std::vector<Evidence>& all, std::size_t& total) {
    Evidence one;
    columns(row, one);
    problem_ = row.problem();
    if constexpr (requires { one.flow; }) {
      if (problem_.empty() && one.flow >= recording_.trials.back().flows.size()) {
        problem_ = "the trial has no such flow";
      }
    }
    if (++rows_ > kMaxRecordRows) {
      problem_ = "there is too much evidence";
    }
    all.push_back(one);
    ++total;
  }

  std::string_view rest_;
  std::string_view line_;
  std::size_t number_ = 0;  ///< of line_, from 1
  std::size_t rows_ = 0;
  bool ended_ = false;
  RecordTotals totals_;
  std::string problem_;
  Recording recording_;
};

}  // namespace

Result<Recording> parse_record(std::string_view text) {
  return RecordParser(text).parse();
}

}  // namespace lastcall::report
