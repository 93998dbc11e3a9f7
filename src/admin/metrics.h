// Metrics: builds a page in the Prometheus text format, version 0.0.4. A family is opened, then its samples
// follow. It collects nothing: numbers come from whoever counts.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>

namespace lastcall::admin {

struct Label {
  std::string_view name;
  std::string_view value;
};

class Metrics {
 public:
  enum class Type : std::uint8_t { counter, gauge, histogram };

  using Labels = std::initializer_list<Label>;

  /// Opens a family; the samples that follow belong to it.
  void family(std::string_view name, Type type, std::string_view help);

  void sample(Labels labels, double value);

  /// All lines of one histogram. `counts` has one entry for each bound and one more for what is above the
  /// last; they are not cumulative.
  void histogram(Labels labels, std::span<const double> bounds, std::span<const std::uint64_t> counts,
                 double sum);

  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  void line(std::string_view suffix, Labels labels, const Label* last, double value);

  std::string name_;
  std::string text_;
};

}  // namespace lastcall::admin
