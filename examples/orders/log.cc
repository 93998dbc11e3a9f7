#include "log.h"

#include <spdlog/async.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include "lastcall/spdlog.h"

namespace orders {
namespace {

constexpr std::size_t kQueue = 8192;  // lines; who logs faster than they are written waits

}  // namespace

lastcall::Result<void> start_log(lastcall::Coordinator& coordinator) {
  spdlog::init_thread_pool(kQueue, 1);
  spdlog::set_default_logger(spdlog::create_async<spdlog::sinks::stderr_sink_mt>("orders"));
  return lastcall::spdlog::flush_with(coordinator);
}

void log_line(const std::string& line) {
  spdlog::info("{}", line);
}

}  // namespace orders
