// RequestScript: the bytes of an attempt's requests and when each may be sent: all at once, at a pace, in two
// halves, or the body only after 100 Continue. Sans-I/O; one attempt at a time.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/time.h"
#include "check/scenario.h"

namespace lastcall::check {

/// The sample of RFC 6455 §1.3, so that the answer to it is a constant too.
inline constexpr std::string_view kWebSocketKey = "dGhlIHNhbXBsZSBub25jZQ==";
inline constexpr std::string_view kWebSocketAccept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

class RequestScript {
 public:
  static constexpr Duration kContinuePatience = 1s;  ///< RFC 9110 §10.1.1: never wait for 100 indefinitely

  RequestScript(const Scenario& scenario, const Flow& flow);

  /// Begins anew. `hold`: until the second half, for the kinds that send halves.
  void begin(Time now, Duration hold);

  /// What may be sent now; empty: nothing.
  [[nodiscard]] std::string_view next() const;

  void took(std::size_t count) { sent_ += count; }

  /// The connection takes no more: nothing is left to be sent.
  void broken();

  /// 100 Continue came.
  void release_all();

  /// When release() is due; Time::max(): not at all.
  [[nodiscard]] Time next_release() const { return next_release_; }

  /// Allows the next piece to be sent.
  void release(Time now);

  [[nodiscard]] bool whole() const { return sent_ == total(); }

  [[nodiscard]] std::uint32_t requests() const { return requests_; }

  /// Bytes of the `index`th request that the kernel took.
  [[nodiscard]] std::uint64_t sent_of(std::uint32_t index) const;

 private:
  [[nodiscard]] std::uint64_t total() const { return heads_.size() + body_bytes_; }

  const judge::Kind kind_;
  const Pace pace_;
  const std::uint64_t body_bytes_;
  const std::uint32_t requests_;
  const std::string heads_;
  std::uint64_t sent_ = 0;
  std::uint64_t allowed_ = 0;
  std::uint64_t step_ = 0;  ///< bytes that each release() allows
  Duration every_{};
  Time next_release_ = Time::max();
};

}  // namespace lastcall::check
