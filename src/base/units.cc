#include "base/units.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>

namespace lastcall {
namespace {

struct DurationUnit {
  std::string_view name;
  Duration length;
};

constexpr DurationUnit kDurationUnits[] = {{"h", 1h}, {"m", 1min}, {"s", 1s}, {"ms", 1ms}, {"us", 1us}};

struct SizeUnit {
  std::string_view name;
  std::uint64_t bytes;
};

constexpr SizeUnit kSizeUnits[] = {{"GiB", 1ULL << 30}, {"MiB", 1ULL << 20}, {"KiB", 1ULL << 10}, {"B", 1}};

std::string quoted(std::string_view text) {
  return "'" + std::string(text) + "'";
}

/// The digits at the start of `text`, which are taken off it; nothing if there are none or too many.
std::optional<std::uint64_t> take_number(std::string_view& text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{}) {
    return std::nullopt;
  }
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return number;
}

/// The point at the start of `text` and the digits after it, which are taken off it; empty if there is none.
std::string_view take_fraction(std::string_view& text) {
  if (!text.starts_with('.')) {
    return {};
  }
  const std::string_view fraction = text.substr(0, text.find_first_not_of("0123456789", 1));
  text.remove_prefix(fraction.size());
  return fraction;
}

/// Nothing if no digit follows the point, or if they say what is finer than a microsecond.
std::optional<Duration> fraction_of(Duration unit, std::string_view fraction) {
  Duration sum = 0s;
  for (const char digit : fraction.substr(std::min<std::size_t>(1, fraction.size()))) {
    if (unit % 10us != 0s) {
      return std::nullopt;
    }
    unit /= 10;
    sum += unit * (digit - '0');
  }
  return fraction == "." ? std::nullopt : std::optional(sum);
}

/// In whole microseconds, without zeros at its end: "1.5" of 1500ms and 1s.
std::string decimal(Duration duration, Duration unit) {
  std::string text = std::to_string(duration / unit);
  Duration rest = std::chrono::floor<std::chrono::microseconds>(duration % unit);
  text += rest > 0s ? "." : "";
  while (rest > 0s) {
    unit /= 10;
    text += static_cast<char>('0' + rest / unit);
    rest %= unit;
  }
  return text;
}

/// The letters at the start of `text`, which are taken off it.
std::string_view take_letters(std::string_view& text) {
  const std::size_t end = std::min(text.find_first_of("0123456789"), text.size());
  const std::string_view letters = text.substr(0, end);
  text.remove_prefix(end);
  return letters;
}

Failure not_a_duration(std::string_view text, const std::string& why) {
  return failure(quoted(text) + " is not a duration: " + why, "write it with units: 30s, 1m30s, 1.5s, 250ms",
                 2);
}

Failure not_a_size(std::string_view text, const std::string& why) {
  return failure(quoted(text) + " is not a size: " + why, "write it with a unit: 512B, 32KiB, 1MiB, 2GiB", 2);
}

}  // namespace

Result<Duration> parse_duration(std::string_view text) {
  if (text == "0") {
    return Duration::zero();
  }
  Duration total = 0s;
  const DurationUnit* next = std::begin(kDurationUnits);
  std::string_view rest = text;
  do {
    const auto number = take_number(rest);
    if (!number) {
      return not_a_duration(text, "a number is expected");
    }
    const std::string_view fraction = take_fraction(rest);
    const std::string_view name = take_letters(rest);
    if (name.empty()) {
      return not_a_duration(text, "the unit is missing");
    }
    const DurationUnit* unit = std::find_if(next, std::end(kDurationUnits),
                                            [name](const DurationUnit& one) { return one.name == name; });
    if (unit == std::end(kDurationUnits)) {
      return not_a_duration(text, "units are h, m, s, ms and us, the largest first, each at most once");
    }
    const auto part = fraction_of(unit->length, fraction);
    if (!part || (!fraction.empty() && !rest.empty())) {
      return not_a_duration(text, "only its last number may have a fraction, down to a microsecond");
    }
    const Duration room = kMaxDuration - total - *part;
    if (room < 0s || *number > static_cast<std::uint64_t>(room / unit->length)) {
      return not_a_duration(text, "it is longer than a year");
    }
    total += unit->length * static_cast<std::int64_t>(*number) + *part;
    next = unit + 1;
  } while (!rest.empty());
  return total;
}

std::string print_duration(Duration duration) {
  std::string text;
  for (const DurationUnit& unit : kDurationUnits) {
    if (duration < unit.length) {
      continue;
    }
    if (unit.length <= 1s) {
      return text + decimal(duration, unit.length) + std::string(unit.name);
    }
    text.append(std::to_string(duration / unit.length)).append(unit.name);
    duration %= unit.length;
  }
  return text.empty() ? "0" : text;
}

Duration round_down(Duration duration) {
  const Duration step = duration < 100ms ? 1ms : 100ms;
  return duration - duration % step;
}

Result<std::uint64_t> parse_size(std::string_view text) {
  if (text == "0") {
    return std::uint64_t{0};
  }
  std::string_view unit_name = text;
  const auto number = take_number(unit_name);
  if (!number) {
    return not_a_size(text, "a whole number is expected");
  }
  if (unit_name.empty()) {
    return not_a_size(text, "the unit is missing");
  }
  for (const SizeUnit& unit : kSizeUnits) {
    if (unit.name != unit_name) {
      continue;
    }
    if (*number > std::numeric_limits<std::uint64_t>::max() / unit.bytes) {
      return not_a_size(text, "it is too large");
    }
    return *number * unit.bytes;
  }
  return not_a_size(text, "units are B, KiB, MiB and GiB");
}

std::string print_size(std::uint64_t bytes) {
  if (bytes == 0) {
    return "0";
  }
  const SizeUnit* unit = std::begin(kSizeUnits);
  while (bytes % unit->bytes != 0) {
    ++unit;
  }
  return std::to_string(bytes / unit->bytes) + std::string(unit->name);
}

Result<std::uint64_t> parse_count(std::string_view text, std::uint64_t least, std::uint64_t most) {
  std::string_view rest = text;
  const auto number = take_number(rest);
  if (!number || !rest.empty() || *number < least || *number > most) {
    return failure(
        quoted(text) + " is not a whole number from " + std::to_string(least) + " to " + std::to_string(most),
        {}, 2);
  }
  return *number;
}

}  // namespace lastcall
