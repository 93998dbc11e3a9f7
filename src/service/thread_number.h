// thread_number: a small number for each thread of the process, so that threads can be dealt to shards. It
// says nothing else of a thread, and is never given back.
#pragma once

#include <atomic>
#include <cstddef>

namespace lastcall::service {

/// The same at every call of a thread; the first threads to ask get 1, 2, 3…
inline std::size_t thread_number() {
  static std::atomic<std::size_t> last = 0;
  thread_local std::size_t own = 0;
  if (own == 0) {
    own = last.fetch_add(1, std::memory_order_relaxed) + 1;
  }
  return own;
}

}  // namespace lastcall::service
