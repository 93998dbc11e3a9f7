#include "base/units.h"

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

/// The letters at the start of `text`, which are taken off it.
std::string_view take_letters(std::string_view& text) {
  const std::size_t end = std::min(text.find_first_of("0123456789"), text.size());
  const std::string_view letters = text.substr(0, end);
  text.remove_prefix(end);
  return letters;
}

Failure not_a_duration(std::string_view text, const std::string& why) {
  return failure(quoted(text) + " is not a duration: " + why, "write it with units: 30s, 1m30s, 250ms", 2);
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
      return not_a_duration(text, "a whole number is expected");
    }
    const std::string_view name = take_letters(rest);
    if (name.empty()) {
      return not_a_duration(text, "the unit is missing");
    }
    const DurationUnit* unit = next;
    while (unit != std::end(kDurationUnits) && unit->name != name) {
      ++unit;
    }
    if (unit == std::end(kDurationUnits)) {
      return not_a_duration(text, "units are h, m, s, ms and us, the largest first, each at most once");
    }
    if (*number > static_cast<std::uint64_t>((kMaxDuration - total) / unit->length)) {
      return not_a_duration(text, "it is longer than a year");
    }
    total += unit->length * static_cast<std::int64_t>(*number);
    next = unit + 1;
  } while (!rest.empty());
  return total;
}

std::string print_duration(Duration duration) {
  std::string text;
  for (const DurationUnit& unit : kDurationUnits) {
    const auto count = duration / unit.length;
    if (count > 0) {
      text += std::to_string(count);
      text += unit.name;
      duration -= count * unit.length;
    }
  }
  return text.empty() ? "0" : text;
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
