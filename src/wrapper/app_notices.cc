#include "wrapper/app_notices.h"

#include <algorithm>
#include <cstring>

namespace lastcall::wrapper {
namespace {

constexpr int kNoticesAtOnce = 16;

}  // namespace

AppNotices::~AppNotices() {
  if (fd_) {
    loop_.unwatch(fd_.get());
  }
}

Result<void> AppNotices::open() {
  fd_.reset(sys::open_datagrams());
  const int error = fd_ ? loop_.watch(fd_.get(), sys::kReadable, *this) : fd_.get();
  if (error < 0) {
    return failure(std::string("no NOTIFY_SOCKET can be made for the app: ") + std::strerror(-error),
                   "use --ready-check tcp or a path");
  }
  return {};
}

void AppNotices::on_events(std::uint32_t) {
  for (int i = 0; i < kNoticesAtOnce; ++i) {
    const std::optional<sys::Datagram> notice = sys::next_datagram(fd_.get());
    if (!notice) {
      return;
    }
    // An app that has given up our user's rights still speaks for itself.
    if (notice->trusted || notice->sender == app_.pid()) {
      read(notice->bytes);
    }
  }
}

void AppNotices::read(std::string_view notice) {
  while (!notice.empty()) {
    const std::size_t end = std::min(notice.find('\n'), notice.size());
    const std::string_view line = notice.substr(0, end);
    notice.remove_prefix(std::min(end + 1, notice.size()));
    if (line == "READY=1") {
      observer_.app_says_ready();
    } else if (line == "STOPPING=1") {
      observer_.app_says_stopping();
    }
  }
}

}  // namespace lastcall::wrapper
