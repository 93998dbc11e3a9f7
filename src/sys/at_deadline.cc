#include "sys/at_deadline.h"

#include <condition_variable>
#include <mutex>
#include <utility>

#include "sys/sys.h"

namespace lastcall::sys {

AtDeadline::AtDeadline(Time deadline, std::stop_token stop, std::function<void()> wake)
    : thread_([deadline, stop = std::move(stop), wake = std::move(wake)](const std::stop_token& destroyed) {
        std::mutex mutex;
        std::condition_variable_any over;
        std::stop_source either;
        const auto end = [&] { either.request_stop(); };
        const std::stop_callback on_stop(stop, end);
        const std::stop_callback on_destruction(destroyed, end);
        std::unique_lock lock(mutex);
        over.wait_until(lock, either.get_token(), deadline, [] { return false; });
        if (!destroyed.stop_requested()) {
          wake();
        }
      }) {}

void sever(int socket) {
  shutdown_read(socket);
  shutdown_write(socket);
}

}  // namespace lastcall::sys
