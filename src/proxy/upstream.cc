#include "proxy/upstream.h"

#include <algorithm>
#include <cerrno>

#include "proxy/exchange.h"
#include "proxy/shard.h"

namespace lastcall::proxy {

void Upstream::on_events(std::uint32_t events) {
  if (closed) {
    return;
  }
  stream_.note(events);
  if (!established && !settle_connect()) {
    return;
  }
  if ((events & sys::kWritable) != 0 && stream_.unsent() > 0) {
    flush();
  }
  pump();
}

void Upstream::flush() {
  if (exchange_ == nullptr) {
    return;
  }
  if (!stream_.flush()) {
    exchange_->upstream_takes_no_more();
  } else if (stream_.unsent() == 0) {
    exchange_->upstream_flushed();
  }
}

bool Upstream::settle_connect() {
  const int error = sys::socket_error(stream_.fd());
  established = error == 0;
  if (!established) {
    exchange_->upstream_lost(error);
    return false;
  }
  exchange_->upstream_established();
  return true;
}

// An idle connection has nothing to say: whatever it does say ends it.
void Upstream::check_idle() {
  if (stream_.read(shard_.read_buffer()) != -EAGAIN) {
    shard_.pool().close(*this);
  }
}

void Upstream::pump() {
  for (int reads = 0; !closed && established && stream_.readable(); ++reads) {
    if (reads == kReadsPerTurn) {
      shard_.later(*this);
      return;
    }
    if (exchange_ == nullptr) {
      check_idle();
      return;
    }
    if (!exchange_->takes_upstream_bytes()) {
      return;
    }
    const std::span<char> buffer = shard_.read_buffer().first(exchange_->upstream_read_size());
    const std::size_t kept = input_.size();
    const std::string_view kept_bytes = input_.view();
    std::copy(kept_bytes.begin(), kept_bytes.end(), buffer.begin());
    const ssize_t got = stream_.read(buffer.subspan(kept));
    if (got == -EAGAIN) {
      return;
    }
    input_.release();
    if (got < 0) {
      exchange_->upstream_lost(static_cast<int>(got));
    } else if (got == 0) {
      exchange_->upstream_ended();
    } else {
      exchange_->upstream_bytes({buffer.data(), kept + static_cast<std::size_t>(got)});
    }
    const bool half_open = got == 0 && !closed;
    if (half_open) {
      return;
    }
  }
}

}  // namespace lastcall::proxy
