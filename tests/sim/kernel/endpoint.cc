#include "sim/kernel/endpoint.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace lastcall::sim {
namespace {

constexpr std::size_t kMostSegments = 50;  // of one send(): thousands would test nothing further

}  // namespace

Endpoint::Endpoint(Wire wire, Path path, sys::Address local, sys::Address remote)
    : wire_(wire), path_(path), local_(std::move(local)), remote_(std::move(remote)) {}

void Endpoint::join(const std::shared_ptr<Endpoint>& one, const std::shared_ptr<Endpoint>& other) {
  one->peer_ = other;
  other->peer_ = one;
}

// Sending.

std::size_t Endpoint::room() const {
  const std::size_t used = on_the_way_ + (peer_ != nullptr ? peer_->unread_bytes_ : 0);
  return path_.window > used ? path_.window - used : 0;
}

ssize_t Endpoint::send(std::string_view bytes) {
  if (const int error = take_error(); error != 0) {
    return error;
  }
  if (state_ == State::connecting) {
    return -EAGAIN;
  }
  if (state_ != State::open || ended_writing_ || reset_) {
    return -EPIPE;
  }
  const std::size_t taken = std::min(bytes.size(), room());
  wants_room_ |= taken < bytes.size();
  if (taken == 0) {
    return bytes.empty() ? 0 : -EAGAIN;
  }
  const std::size_t segment_size = std::max(path_.segment, taken / kMostSegments);
  for (std::size_t at = 0; at < taken;) {
    const std::size_t longest = std::min(segment_size, taken - at);
    const auto size = static_cast<std::size_t>(wire_.random.pick(1, static_cast<std::int64_t>(longest)));
    Segment segment{std::string(bytes.substr(at, size)), wire_.timeline.now()};
    on_the_way_ += size;
    deliver([segment = std::move(segment)](Endpoint& to) { to.arrive(segment); });
    arrival_of_last_send_ = at == 0 ? last_arrival_ : arrival_of_last_send_;
    at += size;
  }
  return static_cast<ssize_t>(taken);
}

void Endpoint::deliver(std::function<void(Endpoint&)> what) {
  const Duration jitter = wire_.random.between(Duration::zero(), path_.jitter);
  last_arrival_ = std::max(last_arrival_, wire_.timeline.now() + path_.latency + jitter);
  wire_.timeline.at(last_arrival_, [to = peer_, what = std::move(what)] { what(*to); });
}

int Endpoint::shutdown_write() {
  if (state_ != State::open || reset_) {
    return -ENOTCONN;
  }
  end_writing();
  return 0;
}

void Endpoint::end_writing() {
  if (ended_writing_) {
    return;
  }
  ended_writing_ = wire_.timeline.now();
  deliver([](Endpoint& to) { to.end_arrives(); });
  arrival_of_end_ = last_arrival_;
}

void Endpoint::close() {
  if (std::exchange(state_, State::closed) != State::open) {
    return;
  }
  if (reset_) {
    ended_writing_ = ended_writing_.value_or(wire_.timeline.now());
    return;
  }
  const bool resets = resets_ || !unread_.empty();
  forget_unread();
  if (!resets) {
    end_writing();
    return;
  }
  ended_writing_ = ended_writing_.value_or(wire_.timeline.now());
  deliver([](Endpoint& to) { to.was_reset(); });
  arrival_of_end_ = arrival_of_end_.value_or(last_arrival_);
}

// Arriving.

void Endpoint::arrive(Segment segment) {
  peer_->on_the_way_ -= segment.bytes.size();
  if (first_arrival_) {
    std::exchange(first_arrival_, nullptr)();
  }
  if (reset_) {
    return;
  }
  if (state_ == State::closed) {
    deliver([](Endpoint& to) { to.was_reset(); });
    return;
  }
  unread_bytes_ += segment.bytes.size();
  unread_.push_back(std::move(segment));
  tell(sys::kReadable);
}

void Endpoint::end_arrives() {
  if (first_arrival_) {
    std::exchange(first_arrival_, nullptr)();
  }
  if (reset_) {
    return;
  }
  end_arrived_ = true;
  tell(sys::kReadable | sys::kPeerClosed | (ended_writing_ ? sys::kHangup : 0));
}

void Endpoint::was_reset() {
  if (std::exchange(reset_, true)) {
    return;
  }
  error_ = -ECONNRESET;
  if (!owned_by_product) {
    forget_unread();
  }
  tell(sys::kReadable | sys::kWritable | sys::kError | sys::kHangup | sys::kPeerClosed);
}

bool Endpoint::established() {
  if (state_ != State::connecting) {
    return false;
  }
  state_ = State::open;
  tell(sys::kWritable);
  return true;
}

void Endpoint::refused(int error) {
  if (state_ != State::connecting) {
    return;
  }
  state_ = State::closed;
  error_ = error;
  tell(sys::kWritable | sys::kError | sys::kHangup);
}

// Reading.

ssize_t Endpoint::receive(std::span<char> into) {
  std::size_t got = 0;
  while (got < into.size() && !unread_.empty()) {
    Segment& first = unread_.front();
    const std::size_t size = std::min(into.size() - got, first.bytes.size());
    std::memcpy(into.data() + got, first.bytes.data(), size);
    first.bytes.erase(0, size);
    got += size;
    unread_bytes_ -= size;
    if (first.bytes.empty()) {
      unread_.pop_front();
    }
  }
  if (got > 0) {
    consumed();
    return static_cast<ssize_t>(got);
  }
  if (const int error = take_error(); error != 0) {
    return error;
  }
  return end_arrived_ || reset_ ? 0 : -EAGAIN;
}

std::optional<Segment> Endpoint::take_segment() {
  if (unread_.empty()) {
    return std::nullopt;
  }
  Segment segment = std::move(unread_.front());
  unread_.pop_front();
  unread_bytes_ -= segment.bytes.size();
  consumed();
  return segment;
}

void Endpoint::consumed() {
  if (peer_->wants_room_) {
    deliver([](Endpoint& to) { to.room_again(); });
  }
}

// As Linux does: a third of the window, so that writers are not woken for every byte.
void Endpoint::room_again() {
  if (wants_room_ && room() >= path_.window / 3) {
    wants_room_ = false;
    tell(sys::kWritable);
  }
}

void Endpoint::forget_unread() {
  unread_.clear();
  unread_bytes_ = 0;
}

int Endpoint::take_error() {
  return std::exchange(error_, 0);
}

std::uint32_t Endpoint::readiness() const {
  std::uint32_t events = error_ != 0 ? sys::kError : 0;
  if (state_ == State::connecting) {
    return events;
  }
  if (!unread_.empty() || end_arrived_ || reset_ || error_ != 0) {
    events |= sys::kReadable;
  }
  if (room() >= path_.window / 3 || ended_writing_ || reset_ || error_ != 0) {
    events |= sys::kWritable;
  }
  if (end_arrived_ || reset_) {
    events |= sys::kPeerClosed;
  }
  if ((end_arrived_ && ended_writing_) || reset_ || state_ == State::closed) {
    events |= sys::kHangup;
  }
  return events;
}

void Endpoint::tell(std::uint32_t events) {
  if (state_ == State::closed && error_ == 0) {
    return;
  }
  if (told_) {
    told_();
  } else {
    changed(wire_.fibers, events);
  }
}

}  // namespace lastcall::sim
