#include "deliver.h"

#include <cerrno>
#include <cstring>

#include "report/drain_report.h"
#include "sys/sys.h"

namespace lastcall {
namespace {

constexpr const char* kTerminationLog = "/dev/termination-log";  // Kubernetes' terminationMessagePath

void warn_unwritten(int error, const std::string& path, const log::Logger& logger) {
  logger.warn("report_not_written", {{"path", path}, {"error", std::strerror(-error)}});
}

}  // namespace

std::string doubt_delivery(const std::string& file) {
  const int result = file.empty() ? 0 : sys::can_replace_file(file);
  return result == 0
             ? std::string()
             : "the drain report cannot be written to --report " + file + ": " + std::strerror(-result);
}

void deliver(const drain::DrainReport& report, const std::string& file, const log::Logger& logger) {
  if (!file.empty()) {
    if (const int result = sys::replace_file(file, report::to_json(report)); result < 0) {
      warn_unwritten(result, file, logger);
    }
  }
  const int result = sys::overwrite_existing(kTerminationLog, report::to_termination_message(report));
  if (result < 0 && result != -ENOENT) {
    warn_unwritten(result, kTerminationLog, logger);
  }
  logger.write(report.clean() ? log::Level::info : log::Level::warn, "drain_report",
               report::to_log_fields(report));
}

}  // namespace lastcall
