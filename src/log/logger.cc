#include "log/logger.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <string>
#include <utility>

#include <nlohmann/json.hpp>

namespace lastcall::log {
namespace {

constexpr std::string_view name_of(Level level) {
  constexpr std::string_view kNames[] = {"debug", "info", "warn", "error"};
  return kNames[static_cast<std::uint8_t>(level)];
}

/// RFC 3339, UTC, milliseconds.
std::string timestamp(std::int64_t wall_ms) {
  namespace chrono = std::chrono;
  const chrono::sys_time<chrono::milliseconds> time{chrono::milliseconds(wall_ms)};
  const auto day = chrono::floor<chrono::days>(time);
  const chrono::year_month_day date(day);
  const chrono::hh_mm_ss clock(time - day);
  std::array<char, 40> text{};
  const int size = std::snprintf(
      text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ", static_cast<int>(date.year()),
      static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
      static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
      static_cast<int>(clock.seconds().count()), static_cast<int>(clock.subseconds().count()));
  return {text.data(), static_cast<std::size_t>(size)};
}

bool is_printable(char c) {
  return c >= ' ' && c < 0x7f && c != '"' && c != '\\';
}

bool is_plain(std::string_view text) {
  return !text.empty() && text.size() <= Logger::kMaxValue &&
         std::ranges::all_of(text, [](char c) { return is_printable(c) && c != ' ' && c != '='; });
}

/// In quotes and in ASCII alone, so that no byte of a value can end a line, steer a terminal or break a JSON
/// parser.
std::string quote(std::string_view text) {
  if (text.size() <= Logger::kMaxValue && std::ranges::all_of(text, is_printable)) {
    return std::string("\"").append(text).append("\"");
  }
  std::string kept(text.substr(0, Logger::kMaxValue));
  if (kept.size() < text.size()) {
    kept += "…";
  }
  return nlohmann::json(std::move(kept)).dump(-1, ' ', true, nlohmann::json::error_handler_t::replace);
}

std::string number(double value) {
  if (!std::isfinite(value)) {
    return "null";
  }
  std::array<char, 32> text{};
  const int size = std::snprintf(text.data(), text.size(), "%.6g", value);
  return {text.data(), static_cast<std::size_t>(size)};
}

std::string render(const Value& value, Format format) {
  struct Renderer {
    Format format;

    std::string operator()(std::string_view text) const {
      return format == Format::text && is_plain(text) ? std::string(text) : quote(text);
    }

    std::string operator()(bool value) const { return value ? "true" : "false"; }

    std::string operator()(double value) const { return number(value); }

    std::string operator()(std::int64_t value) const { return std::to_string(value); }

    std::string operator()(std::uint64_t value) const { return std::to_string(value); }
  };

  return std::visit(Renderer{format}, value.get());
}

struct Style {
  std::string_view before_key;
  std::string_view after_key;
  std::string_view truncated;
  std::string_view end;
};

constexpr Style kText{" ", "=", " truncated=true", "\n"};
constexpr Style kJson{",\"", "\":", ",\"truncated\":true", "}\n"};

void append_fields(std::string& line, std::span<const Field> fields, const Style& style, Format format) {
  const std::size_t room = Logger::kMaxLine - style.truncated.size() - style.end.size();
  for (const Field& field : fields) {
    const std::string value = render(field.value, format);
    const std::size_t needed =
        style.before_key.size() + field.key.size() + style.after_key.size() + value.size();
    if (line.size() + needed > room) {
      line += style.truncated;
      break;
    }
    line.append(style.before_key).append(field.key).append(style.after_key).append(value);
  }
  line += style.end;
}

std::string head(Format format, const std::string& time, Level level, std::string_view event) {
  if (format == Format::json) {
    return R"({"time":")" + time + R"(","level":")" + std::string(name_of(level)) + R"(","event":)" +
           quote(event);
  }
  std::string padded(name_of(level));
  padded.resize(5, ' ');
  return time + " " + padded + " " + (is_plain(event) ? std::string(event) : quote(event));
}

}  // namespace

Logger::Logger(Level level, Format format, Sink sink, WallClock clock)
    : level_(level), format_(format), sink_(std::move(sink)), clock_(std::move(clock)) {}

void Logger::debug(std::string_view event, std::initializer_list<Field> fields) const {
  write(Level::debug, event, fields);
}

void Logger::info(std::string_view event, std::initializer_list<Field> fields) const {
  write(Level::info, event, fields);
}

void Logger::warn(std::string_view event, std::initializer_list<Field> fields) const {
  write(Level::warn, event, fields);
}

void Logger::error(std::string_view event, std::initializer_list<Field> fields) const {
  write(Level::error, event, fields);
}

void Logger::write(Level level, std::string_view event, std::span<const Field> fields) const {
  if (!enabled(level)) {
    return;
  }
  std::string line = head(format_, timestamp(clock_()), level, event);
  append_fields(line, fields, format_ == Format::json ? kJson : kText, format_);
  sink_(line);
}

}  // namespace lastcall::log
