#include "service/settings.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/units.h"
#include "sys/sys.h"

namespace lastcall::service {

namespace {

constexpr int kUsage = 2;
constexpr Duration kDefaultDrain = 30s;
constexpr Duration kDefaultCleanup = 10s;
constexpr Duration kLeastCleanup = 1s;  ///< of one that nobody asked for
constexpr Duration kMostNotice = 2s;

/// One part of the plan, and who said so.
struct Part {
  Duration value{};
  std::string source{};
  bool firm = false;  ///< asked for: rather an error than another value
};

std::string print(std::string_view name, const Part& part) {
  return std::string(name) + " " + print_duration(part.value) + " (" + part.source + ")";
}

Result<void> check_range(const char* name, std::optional<Duration> value, Duration least) {
  if (!value || (*value >= least && *value <= kMaxDuration)) {
    return {};
  }
  const std::string printed = (*value < 0s ? "-" : "") + print_duration(std::chrono::abs(*value));
  return failure("Options::" + std::string(name) + " is " + printed + ", out of its range",
                 "from " + print_duration(least) + " to " + print_duration(kMaxDuration), kUsage);
}

Result<void> check_ranges(const Options& options) {
  const LameDuck duck = options.lame_duck.value_or(LameDuck{});
  return check_range("grace", options.grace, 1ms)
      .and_then([&] { return check_range("drain", options.drain, 0ms); })
      .and_then([&] { return check_range("cleanup", options.cleanup, 1ms); })
      .and_then([&] { return check_range("reserve", options.reserve, 1ms); })
      .and_then([&] { return check_range("abort_notice", options.abort_notice, 0ms); })
      .and_then([&] { return check_range("idle_grace", options.idle_grace, 0ms); })
      .and_then([&] { return check_range("lame_duck.max", duck.max, 0ms); })
      .and_then([&] { return check_range("lame_duck.min", duck.min, 0ms); })
      .and_then([&] { return check_range("lame_duck.quiet", duck.quiet, 0ms); });
}

/// A bare number of `unit`s; nothing if the variable is not set.
Result<std::optional<Duration>> read_variable(const Outside& outside, const char* name, Duration unit) {
  const auto found = outside.environment.find(name);
  if (found == outside.environment.end() || found->second.empty()) {
    return std::nullopt;
  }
  const auto most = static_cast<std::uint64_t>(kMaxDuration / unit);
  const Result<std::uint64_t> count = parse_count(found->second, 1, most);
  if (!count) {
    const std::string_view example =
        unit == 1s ? "seconds above 0 (for example 30)" : "milliseconds above 0 (for example 30000)";
    return failure(std::string(name) + " is \"" + found->second + "\", which is not a whole number of " +
                       std::string(example),
                   "set it to " + std::to_string(most) + " at most, or unset it", kUsage);
  }
  return unit * static_cast<Duration::rep>(*count);
}

/// The plan while it is being made.
class Planner {
 public:
  Planner(const Options& options, const Outside& outside)
      : options_(options),
        outside_(outside),
        reserve_(options.reserve == Options{}.reserve ? outside.platform.reserve.value_or(options.reserve)
                                                      : options.reserve) {}

  Result<Settings> plan() {
    return check_ranges(options_)
        .and_then([&] { return choose_grace(); })
        .and_then([&] { return choose_drain(); })
        .and_then([&] { return choose_lame_duck(); })
        .map([&] { return settled(); });
  }

 private:
  Result<void> choose_grace() {
    const auto variable = read_variable(outside_, "GRACEFUL_SHUTDOWN_TIMEOUT_MS", 1ms);
    if (!variable) {
      return Failure(variable.error());
    }
    if (options_.grace) {
      grace_ = Part{*options_.grace, "Options::grace", true};
    } else if (*variable) {
      grace_ = Part{**variable, "GRACEFUL_SHUTDOWN_TIMEOUT_MS", true};
    } else if (outside_.platform.grace) {
      grace_ = Part{*outside_.platform.grace, std::string(outside_.platform.name), false};
    }
    choose_cleanup();
    return {};
  }

  void choose_cleanup() {
    if (options_.cleanup) {
      cleanup_ = {*options_.cleanup, "Options::cleanup", true};
      return;
    }
    const Duration third = grace_ ? round_down(grace_->value / 3) : kDefaultCleanup;
    cleanup_ = {std::clamp<Duration>(third, 1ms, kDefaultCleanup), "default", false};
  }

  /// A default must not be what makes the parts that were asked for too long.
  void shrink_cleanup_beside(Duration drain) {
    if (!cleanup_.firm) {
      const Duration rest = grace_->value - drain - reserve_;
      cleanup_.value = std::clamp(rest, std::min(kLeastCleanup, cleanup_.value), cleanup_.value);
    }
  }

  Result<void> choose_drain() {
    const auto variable = read_variable(outside_, "HTTP_DRAIN_TIMEOUT", 1s);
    if (!variable) {
      return Failure(variable.error());
    }
    if (options_.drain && grace_ && grace_->firm) {
      shrink_cleanup_beside(*options_.drain);
    }
    const Duration left = grace_ ? grace_->value - cleanup_.value - reserve_ : kDefaultDrain;
    if (options_.drain) {
      drain_ = {*options_.drain, "Options::drain", grace_ && grace_->firm};
    } else if (*variable) {
      drain_ = {**variable, "HTTP_DRAIN_TIMEOUT", false};
    } else {
      drain_ = {left, "what is left", true};
    }
    if (!grace_ || (drain_.value <= left && left > 0s)) {
      return {};
    }
    if (left <= 0s || drain_.firm) {
      return does_not_fit(left);
    }
    warn(print("drain", drain_) + " does not fit into " + print("grace", *grace_) + ": " +
         print_duration(left) + " is used");
    drain_.value = left;
    return {};
  }

  Result<void> choose_lame_duck() {
    if (!options_.lame_duck) {
      // A platform cannot know how short our drain is.
      duck_ = outside_.platform.lame_duck;
      duck_.max = std::min(duck_.max, round_down(drain_.value / 2));
      duck_.min = std::min(duck_.min, duck_.max);
      duck_.quiet = std::min(duck_.quiet, duck_.max);
      return {};
    }
    duck_ = *options_.lame_duck;
    if (duck_.max > drain_.value) {
      return failure("the lame duck of " + print_duration(duck_.max) +
                         " (Options::lame_duck) is longer than " + print("the drain of", drain_),
                     "lower Options::lame_duck.max, or raise the drain", kUsage);
    }
    if (duck_.min > duck_.max || duck_.quiet > duck_.max) {
      return failure("Options::lame_duck has a min or quiet longer than its max", {}, kUsage);
    }
    return {};
  }

  [[nodiscard]] Settings settled() {
    const drain::BudgetSettings settings{.grace = grace_ ? std::optional(grace_->value) : std::nullopt,
                                         .drain_timeout = drain_.value,
                                         .app_stop = cleanup_.value,
                                         .reserve = reserve_,
                                         .idle_grace = options_.idle_grace,
                                         .lame_duck = {duck_.min, duck_.quiet, duck_.max}};
    settings_.plan = drain::plan_budget(settings).value();
    const Duration notice = options_.abort_notice.value_or(std::min(kMostNotice, drain_.value / 5));
    settings_.plan.abort_notice = std::min(notice, drain_.value);
    settings_.grace_source = grace_ ? grace_->source : "the sum of its parts";
    return std::move(settings_);
  }

  [[nodiscard]] Failure does_not_fit(Duration left) const {
    const Part reserve{reserve_, options_.reserve == Options{}.reserve ? "default" : "Options::reserve"};
    const std::string needed =
        left <= 0s || drain_.source == "what is left" ? "" : print("drain", drain_) + " + ";
    std::string fix =
        left > 0s ? "lower the drain to " + print_duration(left) : "lower the cleanup or the reserve";
    if (!outside_.platform.grace_setting.empty()) {
      fix += ", or raise the grace period (" + std::string(outside_.platform.grace_setting) + ")";
    }
    return failure("the shutdown does not fit into " + print("grace", *grace_) + ": " + needed +
                       print("cleanup", cleanup_) + " + " + print("reserve", reserve) +
                       (left <= 0s ? " leave nothing for the drain" : ""),
                   fix, kUsage);
  }

  void warn(std::string text) { settings_.warnings.push_back(std::move(text)); }

  const Options& options_;
  const Outside& outside_;
  const Duration reserve_;
  std::optional<Part> grace_;
  Part cleanup_;
  Part drain_;
  LameDuck duck_;
  Settings settings_;
};

}  // namespace

Outside read_outside() {
  Outside outside;
  for (const std::string& entry : sys::environment()) {
    const std::size_t equals = entry.find('=');
    outside.environment.emplace(entry.substr(0, equals),
                                equals == std::string::npos ? "" : entry.substr(equals + 1));
  }
  outside.platform = config::detect_platform(
      {.variable =
           [&](std::string_view name) {
             const auto found = outside.environment.find(name);
             return found == outside.environment.end() ? std::string() : found->second;
           },
       .file_exists = [](std::string_view path) { return sys::read_file(std::string(path)).has_value(); },
       .own_pid = sys::own_pid()});
  return outside;
}

Result<Settings> resolve(const Options& options, const Outside& outside) {
  return Planner(options, outside).plan();
}

}  // namespace lastcall::service
