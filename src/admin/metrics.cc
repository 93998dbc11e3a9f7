#include "admin/metrics.h"

#include <array>
#include <charconv>
#include <cmath>

#include "base/assert.h"

namespace lastcall::admin {
namespace {

std::string number(double value) {
  if (std::isnan(value)) {
    return "NaN";
  }
  if (std::isinf(value)) {
    return value > 0 ? "+Inf" : "-Inf";
  }
  std::array<char, 32> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
  return {text.data(), end};
}

void append_escaped(std::string& out, std::string_view text) {
  for (const char c : text) {
    if (c == '\n') {
      out += "\\n";
      continue;
    }
    if (c == '\\' || c == '"') {
      out += '\\';
    }
    out += c;
  }
}

void append_label(std::string& out, const Label& label) {
  out.append(label.name).append("=\"");
  append_escaped(out, label.value);
  out += '"';
}

std::string_view to_string(Metrics::Type type) {
  constexpr std::string_view kNames[] = {"counter", "gauge", "histogram"};
  return kNames[static_cast<std::uint8_t>(type)];
}

}  // namespace

void Metrics::family(std::string_view name, Type type, std::string_view help) {
  name_ = name;
  text_.append("# HELP ").append(name).append(" ").append(help).append("\n");
  text_.append("# TYPE ").append(name).append(" ").append(to_string(type)).append("\n");
}

void Metrics::sample(Labels labels, double value) {
  line("", labels, nullptr, value);
}

void Metrics::histogram(Labels labels, std::span<const double> bounds, std::span<const std::uint64_t> counts,
                        double sum) {
  LASTCALL_ASSERT(counts.size() == bounds.size() + 1);
  std::uint64_t below = 0;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    below += counts[i];
    const std::string bound = number(i < bounds.size() ? bounds[i] : HUGE_VAL);
    const Label last{"le", bound};
    line("_bucket", labels, &last, static_cast<double>(below));
  }
  line("_sum", labels, nullptr, sum);
  line("_count", labels, nullptr, static_cast<double>(below));
}

void Metrics::line(std::string_view suffix, Labels labels, const Label* last, double value) {
  text_.append(name_).append(suffix);
  char before = '{';
  for (const Label& label : labels) {
    text_ += before;
    append_label(text_, label);
    before = ',';
  }
  if (last != nullptr) {
    text_ += before;
    append_label(text_, *last);
    before = ',';
  }
  if (before == ',') {
    text_ += '}';
  }
  text_.append(" ").append(number(value)).append("\n");
}

}  // namespace lastcall::admin
