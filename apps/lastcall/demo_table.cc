#include "demo_table.h"

#include <fmt/format.h>

namespace lastcall::demo {
namespace {

using judge::Outcome;

struct Row {
  std::string label;
  std::uint64_t (*value)(const RunResult& run);
  std::string_view kind;  ///< how it counts
};

template <Outcome outcome>
std::uint64_t count(const RunResult& run) {
  return run.seen[outcome];
}

std::uint64_t lost_of_10000(const RunResult& run) {
  return run.seen.attempts() == 0 ? 0 : (run.lost() * 10'000 + run.seen.attempts() / 2) / run.seen.attempts();
}

std::string line(const Row& row, std::span<const Column> columns) {
  std::string text = fmt::format("  {:<36}", row.label);
  for (const Column& column : columns) {
    text += fmt::format("{:>17}", row.value(column.result));
  }
  return fmt::format("{}   {}\n", text, row.kind);
}

}  // namespace

std::string table(std::span<const Column> columns) {
  const std::string routed = fmt::format("{:.0f} s", to_seconds(kRouted));
  const Row rows[] = {
      {"attempts", [](const RunResult& run) { return run.seen.attempts(); }, ""},
      {"answered", count<Outcome::ok>, ""},
      {"refused after " + routed,
       [](const RunResult& run) { return run.seen[Outcome::refused] - run.refused_early; }, "clean"},
      {"refused in the first " + routed, [](const RunResult& run) { return run.refused_early; }, "lost"},
      {"reset", count<Outcome::reset>, "lost"},
      {"closed without an answer (EOF)", count<Outcome::eof>, "lost"},
      {"truncated", count<Outcome::truncated>, "lost"},
      {"answered 5xx", count<Outcome::server_error>, "lost"},
      {"timeout", count<Outcome::timeout>, "lost"},
      {"wrong answer", count<Outcome::wrong>, "lost"},
      {"lost", [](const RunResult& run) { return run.lost(); }, ""},
      {"lost of 10 000", lost_of_10000, ""},
      {"ms the client itself was late, 99 %",
       [](const RunResult& run) { return static_cast<std::uint64_t>(to_milliseconds(run.lag.p99)); }, ""},
      {"ms from SIGTERM to the exit",
       [](const RunResult& run) { return static_cast<std::uint64_t>(to_milliseconds(run.took)); }, ""},
  };
  std::string text = fmt::format("  {:<36}", "");
  for (const Column& column : columns) {
    text += fmt::format("{:>17}", column.title);
  }
  text += "\n";
  for (const Row& row : rows) {
    text += line(row, columns);
  }
  return text;
}

Verdict judge(std::span<const Column> columns) {
  for (const Column& column : columns) {
    const std::uint64_t attempts = column.result.seen.attempts();
    if (attempts < kMinAttempts) {
      return {3, fmt::format("inconclusive: {} attempts in the window of \"{}\", {} are needed", attempts,
                             column.title, kMinAttempts)};
    }
  }
  for (const Column& column : columns.first(columns.size() - 1)) {
    if (column.result.lost() < kMinLost) {
      return {3, fmt::format("inconclusive: \"{}\" lost {} requests, the comparison needs at least {}",
                             column.title, column.result.lost(), kMinLost)};
    }
  }
  const std::uint64_t lost = columns.back().result.lost();
  if (lost > 0) {
    return {1, fmt::format("failed: {} requests were lost under lastcall", lost)};
  }
  return {0, "under lastcall nothing was lost"};
}

}  // namespace lastcall::demo
