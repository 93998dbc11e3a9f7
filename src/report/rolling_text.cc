#include "report/rolling_text.h"

#include <algorithm>
#include <functional>

#include <fmt/format.h>

#include "base/assert.h"
#include "report/figures.h"
#include "report/prose.h"
#include "report/verdict_words.h"

namespace lastcall::report {
namespace {

using judge::Outcome;
using judge::RollingVerdict;
using Verdicts = std::span<const RollingVerdict>;
using Value = std::function<std::string(const RollingVerdict& verdict)>;

constexpr std::size_t kLabel = 30;
constexpr std::size_t kCell = 18;

struct Kind {
  Outcome outcome;
  std::string_view name;
};

constexpr Kind kErrors[] = {
    {Outcome::server_error, "answered 5xx"},
    {Outcome::eof, "closed without an answer"},
    {Outcome::reset, "reset"},
    {Outcome::truncated, "cut off in mid-answer"},
    {Outcome::timeout, "no answer in time"},
    {Outcome::refused, "refused by the balancer"},
    {Outcome::wrong, "wrong answer"},
};

/// Right-aligned, whatever the text's bytes.
std::string cell(const std::string& text) {
  return std::string(kCell - std::min(kCell, width(text)), ' ') + text;
}

std::string row(Verdicts verdicts, std::string_view label, const Value& value) {
  std::string line = "  " + pad(label, kLabel);
  for (const RollingVerdict& verdict : verdicts) {
    line += cell(value(verdict));
  }
  return line + "\n";
}

/// The middle one and the longest of some step of the restarts.
Value span_of(Duration judge::RollingVerdict::Step::* part) {
  return [part](const RollingVerdict& verdict) -> std::string {
    std::vector<Duration> all;
    std::ranges::transform(verdict.steps, std::back_inserter(all), part);
    if (all.empty()) {
      return "-";
    }
    std::ranges::sort(all);
    return span_text(all[all.size() / 2]) + " … " + span_text(all.back());
  };
}

/// How the replicas ended, if all alike.
std::string exits(const RollingVerdict& verdict) {
  const auto& steps = verdict.steps;
  if (steps.empty()) {
    return "-";
  }
  const bool alike =
      std::ranges::all_of(steps, [&](const auto& step) { return step.exit == steps.front().exit; });
  return alike ? steps.front().exit : "not all alike";
}

std::string worst(const RollingVerdict& verdict) {
  if (!verdict.worst) {
    return "none";
  }
  return fmt::format("{} in restart {}", judge::errors(verdict.steps[*verdict.worst].seen),
                     *verdict.worst + 1);
}

std::string headline(const judge::RollingSetup& setup, std::size_t columns) {
  const std::string what = fmt::format(
      "{} restarts of {} replicas behind {}, one after another, under {:.0f} requests/s, seed {}:",
      setup.restarts, setup.replicas, setup.balancer, setup.rate, setup.seed);
  return wrap(what, 0, columns) + "  " + command_text(setup.command) + "\n\n";
}

std::string error_rows(Verdicts verdicts) {
  std::string rows;
  for (const Kind& kind : kErrors) {
    const auto has = [&](const RollingVerdict& verdict) { return verdict.seen[kind.outcome] > 0; };
    if (std::ranges::any_of(verdicts, has)) {
      rows += row(verdicts, "  " + std::string(kind.name),
                  [&](const RollingVerdict& verdict) { return std::to_string(verdict.seen[kind.outcome]); });
    }
  }
  return rows;
}

std::string flow_rows(Verdicts verdicts) {
  std::string rows;
  for (std::size_t i = 0; i < verdicts.front().flows.size(); ++i) {
    rows +=
        row(verdicts, "  " + printable(verdicts.front().flows[i].name), [i](const RollingVerdict& verdict) {
          const judge::Tally& seen = verdict.flows[i].seen;
          return count_text(judge::errors(seen)) + " of " + count_text(seen.attempts());
        });
  }
  return rows;
}

std::string table(Verdicts verdicts) {
  std::string text;
  if (verdicts.size() > 1) {
    text += row(verdicts, "", [](const RollingVerdict& verdict) { return printable(verdict.setup.title); });
  }
  text += row(verdicts, "requests",
              [](const RollingVerdict& verdict) { return count_text(verdict.seen.attempts()); });
  text += row(verdicts, "errors that users saw",
              [](const RollingVerdict& verdict) { return count_text(judge::errors(verdict.seen)); });
  text += error_rows(verdicts);
  text += row(verdicts, "at most, with 95 % confidence",
              [](const RollingVerdict& verdict) { return share_text(verdict.upper_bound); });
  text += row(verdicts, "most errors", worst);
  text += "  errors by kind of request\n";
  text += flow_rows(verdicts);
  text += row(verdicts, "from signal to exit", span_of(&RollingVerdict::Step::took));
  text += row(verdicts, "exit", exits);
  text += row(verdicts, "until it is sent to again", span_of(&RollingVerdict::Step::back));
  return text;
}

std::string evidence(const RollingVerdict& verdict) {
  std::string text;
  for (const judge::Evidence& one : verdict.evidence) {
    text += fmt::format("  restart {:<3} {:>11}  {}\n", one.trial, since_text(one.at), printable(one.what));
  }
  if (text.empty()) {
    return text;
  }
  const std::string& title = verdict.setup.title;
  return fmt::format("\nThe first errors{}:\n\n{}", title.empty() ? "" : ", " + title, text);
}

std::string settings(const judge::RollingSetup& setup, std::size_t columns) {
  std::string text = fmt::format("\n{} has these settings:\n\n", setup.balancer);
  for (const std::string& line : setup.settings) {
    text += wrap(line, 2, columns);
  }
  return text;
}

std::string conclusion(const RollingVerdict& verdict, const TextStyle& style) {
  const std::string& title = verdict.setup.title;
  return fmt::format("{}  {}{}\n", paint(shout(verdict.status), ink_of(verdict.status), style),
                     title.empty() ? "" : title + ": ", verdict.summary);
}

}  // namespace

std::string to_text(Verdicts verdicts, const TextStyle& style) {
  LASTCALL_ASSERT(!verdicts.empty());
  const std::size_t columns = std::clamp<std::size_t>(style.columns, 80, 120);
  std::string text = headline(verdicts.front().setup, columns) + table(verdicts);
  for (const RollingVerdict& verdict : verdicts) {
    text += evidence(verdict);
  }
  text += settings(verdicts.front().setup, columns) + "\n";
  for (const RollingVerdict& verdict : verdicts) {
    text += conclusion(verdict, style);
  }
  return text;
}

}  // namespace lastcall::report
