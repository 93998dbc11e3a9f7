// Bytes: a growable run of bytes that nobody initialises twice: unsent output, unparsed input, a request kept
// for replay. Holds no memory when empty and released. Not for more than 4 GiB.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>

namespace lastcall::net {

class Bytes {
 public:
  [[nodiscard]] bool empty() const { return begin_ == end_; }

  [[nodiscard]] std::size_t size() const { return end_ - begin_; }

  [[nodiscard]] std::string_view view() const { return {data_.get() + begin_, size()}; }

  /// Room for `more` bytes behind the content; what is written there counts once added().
  [[nodiscard]] char* room(std::size_t more) {
    if (end_ + more > capacity_) {
      grow(more);
    }
    return data_.get() + end_;
  }

  void added(std::size_t count) { end_ += static_cast<std::uint32_t>(count); }

  void append(std::string_view bytes) {
    if (bytes.empty()) {
      return;
    }
    std::memcpy(room(bytes.size()), bytes.data(), bytes.size());
    added(bytes.size());
  }

  /// Drops the first `count` bytes.
  void consume(std::size_t count) {
    begin_ += static_cast<std::uint32_t>(count);
    if (begin_ == end_) {
      clear();
    }
  }

  void clear() { begin_ = end_ = 0; }

  void release() {
    data_.reset();
    begin_ = end_ = capacity_ = 0;
  }

 private:
  void grow(std::size_t more) {
    if (size() + more <= capacity_ / 2) {
      // What was consumed in front is room enough: a queue that never runs empty does not grow for ever.
      std::memmove(data_.get(), data_.get() + begin_, size());
      end_ -= begin_;
      begin_ = 0;
      return;
    }
    const auto needed = static_cast<std::uint32_t>(size() + more);
    const std::uint32_t capacity = std::max({needed, std::uint32_t{512}, 2 * capacity_});
    std::unique_ptr<char[]> bigger(new char[capacity]);
    if (!empty()) {
      std::memcpy(bigger.get(), data_.get() + begin_, size());
    }
    end_ -= begin_;
    begin_ = 0;
    data_ = std::move(bigger);
    capacity_ = capacity;
  }

  std::unique_ptr<char[]> data_;
  std::uint32_t begin_ = 0;
  std::uint32_t end_ = 0;
  std::uint32_t capacity_ = 0;
};

}  // namespace lastcall::net
