// What the fuzz targets share: libFuzzer's entry point, and buffers of exactly the promised size, so that
// AddressSanitizer stops at the first byte beyond. A broken invariant is a failed LASTCALL_ASSERT.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/assert.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace lastcall::fuzz {

/// A heap copy without a byte of slack.
class Exact {
 public:
  explicit Exact(std::string_view text) : bytes_(std::make_unique<char[]>(text.size())), size_(text.size()) {
    std::copy(text.begin(), text.end(), bytes_.get());
  }

  [[nodiscard]] std::string_view view() const { return {bytes_.get(), size_}; }

 private:
  std::unique_ptr<char[]> bytes_;
  std::size_t size_;
};

/// What `write(char* out)`, which returns the end of what it wrote, writes into `room` bytes.
template <class Write>
std::string written(std::size_t room, Write write) {
  const auto out = std::make_unique<char[]>(room);
  const char* const end = write(out.get());
  LASTCALL_ASSERT(end >= out.get() && end <= out.get() + room);
  return {out.get(), static_cast<std::size_t>(end - out.get())};
}

inline std::string_view as_text(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

/// Calls `check(cut)` for every cut of a short input, and for some 64 of a long one.
template <class Check>
void for_cuts(std::size_t size, Check check) {
  const std::size_t step = 1 + size / 64;
  for (std::size_t cut = 0; cut < size; cut += step) {
    check(cut);
  }
}

}  // namespace lastcall::fuzz
