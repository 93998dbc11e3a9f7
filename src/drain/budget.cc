#include "drain/budget.h"

#include <algorithm>

#include "base/units.h"

namespace lastcall::drain {

namespace {

constexpr int kUsage = 2;
constexpr Duration kDefaultDrain = 30s;
constexpr Duration kDefaultAppStop = 10s;

Duration app_stop_floor(const BudgetSettings& settings) {
  if (settings.app_stop || !settings.grace) {
    return settings.app_stop.value_or(kDefaultAppStop);
  }
  return std::min(kDefaultAppStop, round_down(*settings.grace / 3));
}

enum class Zero : std::uint8_t { refused, legal };

Result<void> check_range(const char* flag, Duration value, Zero zero) {
  if (value < 0s || (value == 0s && zero == Zero::refused)) {
    return failure(std::string(flag) + " must be " + (zero == Zero::legal ? "0 or more" : "more than 0"), {},
                   kUsage);
  }
  if (value > kMaxDuration) {
    return failure(std::string(flag) + " is longer than a year", {}, kUsage);
  }
  return {};
}

Result<void> check_ranges(const BudgetSettings& settings) {
  const LameDuck& duck = settings.lame_duck;
  const Duration drain = settings.drain_timeout.value_or(1s);
  return check_range("--grace", settings.grace.value_or(1s), Zero::refused)
      .and_then([&] { return check_range("--drain-timeout", drain, Zero::legal); })
      .and_then([&] { return check_range("--app-stop", settings.app_stop.value_or(1s), Zero::refused); })
      .and_then([&] { return check_range("--reserve", settings.reserve, Zero::refused); })
      .and_then([&] { return check_range("--idle-grace", settings.idle_grace, Zero::legal); })
      .and_then([&] { return check_range("--lame-duck", duck.max, Zero::legal); })
      .and_then([&] { return check_range("--lame-duck-min", duck.min, Zero::legal); })
      .and_then([&] { return check_range("--lame-duck-quiet", duck.quiet, Zero::legal); });
}

Result<void> check_sum(const BudgetPlan& plan) {
  const Duration sum = plan.drain + plan.app_stop + plan.reserve;
  if (sum <= plan.grace) {
    return {};
  }
  const Duration left = plan.grace - plan.app_stop - plan.reserve;
  const std::string lower =
      left > 0s ? "lower --drain-timeout to " + print_duration(left) : "lower --app-stop and --reserve";
  return failure("the parts need " + print_duration(sum) + ": drain " + print_duration(plan.drain) +
                     " + app-stop " + print_duration(plan.app_stop) + " + reserve " +
                     print_duration(plan.reserve) + "; grace is " + print_duration(plan.grace),
                 "raise --grace to " + print_duration(sum) + " or " + lower, kUsage);
}

/// A drain that was not asked for must be worth its name: 0 is legal only as an explicit wish.
Result<void> check_left_for_drain(const BudgetPlan& plan) {
  if (plan.drain > 0s) {
    return {};
  }
  return failure("nothing is left to drain: app-stop " + print_duration(plan.app_stop) + " + reserve " +
                     print_duration(plan.reserve) + " use up the grace of " + print_duration(plan.grace),
                 "raise --grace, or lower --app-stop or --reserve", kUsage);
}

Result<void> check_order(const char* shorter_flag, Duration shorter, const char* longer_flag,
                         Duration longer) {
  if (shorter <= longer) {
    return {};
  }
  const std::string names[] = {shorter_flag, longer_flag};
  return failure(names[0] + " (" + print_duration(shorter) + ") is longer than " + names[1] + " (" +
                     print_duration(longer) + ")",
                 "lower " + names[0] + " or raise " + names[1], kUsage);
}

/// Parts in proportion: between the announcement and the end there must be room for a quiet time.
void fit_lame_duck(LameDuck& duck, Duration most) {
  if (duck.max <= most) {
    return;
  }
  duck.max = round_down(std::max<Duration>(most, 0s));
  duck.min = std::min(duck.min, round_down(duck.max / 2));
  duck.quiet = std::min(duck.quiet, round_down((duck.max - duck.min) / 2));
}

Result<void> check_lame_duck(const BudgetPlan& plan) {
  const LameDuck& duck = plan.lame_duck;
  return check_order("--lame-duck", duck.max, "--drain-timeout", plan.drain)
      .and_then([&] { return check_order("--lame-duck-min", duck.min, "--lame-duck", duck.max); })
      .and_then([&] { return check_order("--lame-duck-quiet", duck.quiet, "--lame-duck", duck.max); });
}

}  // namespace

Result<BudgetPlan> plan_budget(const BudgetSettings& settings) {
  if (const Result<void> ranges = check_ranges(settings); !ranges) {
    return Failure(ranges.error());
  }
  BudgetPlan plan{.app_stop = app_stop_floor(settings),
                  .reserve = settings.reserve,
                  .idle_grace = settings.idle_grace,
                  .lame_duck = settings.lame_duck};
  const Duration tail = plan.app_stop + plan.reserve;
  plan.drain = settings.drain_timeout.value_or(settings.grace ? *settings.grace - tail : kDefaultDrain);
  plan.grace = settings.grace.value_or(plan.drain + tail);

  if (settings.lame_duck_may_shrink) {
    fit_lame_duck(plan.lame_duck, plan.drain / 2);
  }

  const Result<void> fits = settings.drain_timeout ? check_sum(plan) : check_left_for_drain(plan);
  if (const Result<void> checked = fits.and_then([&] { return check_lame_duck(plan); }); !checked) {
    return Failure(checked.error());
  }
  plan.app_stop = plan.grace - plan.reserve - plan.drain;
  return plan;
}

ClampedDrain clamp_drain(const BudgetSettings& settings, Duration wanted, std::string_view source) {
  const Duration app_stop = app_stop_floor(settings);
  const Duration granted = settings.grace ? *settings.grace - app_stop - settings.reserve : wanted;
  if (wanted <= granted || granted <= 0s) {
    return {.drain = wanted};
  }
  return {.drain = granted,
          .warning = std::string(source) + " asks for " + print_duration(wanted) + ", but of the grace of " +
                     print_duration(*settings.grace) + " only " + print_duration(granted) +
                     " is left for the drain (app-stop " + print_duration(app_stop) + ", reserve " +
                     print_duration(settings.reserve) + "): using " + print_duration(granted)};
}

Budget begin(const BudgetPlan& plan, Time t0) {
  return {.start = t0, .drain_deadline = t0 + plan.drain, .deadline = t0 + plan.grace - plan.reserve};
}

}  // namespace lastcall::drain
