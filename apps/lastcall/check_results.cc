#include "check_results.h"

#include <algorithm>
#include <cstring>

#include "report/page.h"
#include "report/rolling_text.h"
#include "report/verdict_json.h"
#include "report/verdict_junit.h"
#include "report/verdict_text.h"
#include "surroundings.h"
#include "sys/sys.h"

namespace lastcall {
namespace {

constexpr int kStdout = 1;
constexpr int kStderr = 2;
constexpr std::size_t kUsualColumns = 100;
constexpr const char* kToStdout = "-";

struct File {
  std::string_view flag;
  const std::string& path;  ///< empty: not asked for
};

std::vector<File> files_of(const config::CheckConfig& config) {
  return {{"json", config.json}, {"junit", config.junit}, {"html", config.html}, {"record", config.record}};
}

bool takes_stdout(const config::CheckConfig& config) {
  return std::ranges::any_of(files_of(config), [](const File& file) { return file.path == kToStdout; });
}

Failure unwritable(const File& file, int error) {
  return failure("--" + std::string(file.flag) + ": cannot write " + file.path + ": " + std::strerror(-error),
                 {}, 2);
}

report::TextStyle style_for(config::Colour asked, int terminal) {
  const int width = sys::terminal_width(terminal);
  const bool colour =
      asked == config::Colour::always || (asked == config::Colour::automatic && shows_colour(terminal));
  return {.columns = width > 0 ? static_cast<std::size_t>(width) : kUsualColumns, .colour = colour};
}

std::string to_text(std::span<const judge::Verdict> verdicts, const report::TextStyle& style) {
  return verdicts.size() == 1 ? report::to_text(verdicts.front(), style)
                              : report::to_comparison(verdicts, style);
}

Result<void> write(const File& file, const std::string& content) {
  const int error = file.path == kToStdout ? sys::write_all(kStdout, content)
                                           : sys::replace_file(file.path, content, sys::Access::ourselves);
  if (error != 0) {
    return unwritable(file, error);
  }
  return {};
}

}  // namespace

Result<void> refuse_unwritable(const config::CheckConfig& config) {
  int to_stdout = 0;
  for (const File& file : files_of(config)) {
    to_stdout += file.path == kToStdout ? 1 : 0;
    if (file.path.empty() || file.path == kToStdout) {
      continue;
    }
    if (const int error = sys::can_replace_file(file.path); error != 0) {
      return unwritable(file, error);
    }
  }
  if (to_stdout > 1) {
    return failure("only one result can go to stdout", "name files for the others", 2);
  }
  return {};
}

Result<void> deliver_results(const config::CheckConfig& config, std::span<const judge::Verdict> verdicts,
                             const report::Recording* recording) {
  // What a program reads must stand alone.
  const int terminal = takes_stdout(config) ? kStderr : kStdout;
  sys::write_all(terminal, to_text(verdicts, style_for(config.colour, terminal)));
  Result<void> outcome;
  const auto deliver = [&outcome](const File& file, const auto& make) {
    if (!file.path.empty()) {
      const auto written = write(file, make());
      outcome = outcome ? written : outcome;
    }
  };
  deliver({"json", config.json}, [&] { return report::to_json(verdicts); });
  deliver({"junit", config.junit}, [&] { return report::to_junit(verdicts); });
  deliver({"html", config.html}, [&] { return report::to_page(verdicts); });
  if (recording != nullptr) {
    deliver({"record", config.record}, [&] { return report::to_record(*recording); });
  }
  return outcome;
}

Result<void> deliver_rolling(const config::CheckConfig& config,
                             std::span<const judge::RollingVerdict> verdicts) {
  const int terminal = takes_stdout(config) ? kStderr : kStdout;
  sys::write_all(terminal, report::to_text(verdicts, style_for(config.colour, terminal)));
  return config.json.empty() ? Result<void>() : write({"json", config.json}, report::to_json(verdicts));
}

}  // namespace lastcall
