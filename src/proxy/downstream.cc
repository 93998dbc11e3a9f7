#include "proxy/downstream.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "proxy/exchange.h"
#include "proxy/shard.h"

namespace lastcall::proxy {

Downstream::Downstream(Shard& shard, sys::UniqueFd fd, const sys::Address& client, drain::Permit permit)
    : shard_(shard), stream_(std::move(fd), true), permit_(std::move(permit)), born_(shard.epoch()) {
  const std::string text = client.host();
  client_length_ = static_cast<std::uint8_t>(std::min(text.size(), sizeof client_));
  std::memcpy(client_, text.data(), client_length_);
  restart_timeout();
}

Downstream::~Downstream() {
  if (exchange_ != nullptr) {
    exchange_->leave();
  }
}

void Downstream::on_events(std::uint32_t events) {
  if (state_ == State::closed) {
    return;
  }
  stream_.note(events);
  if (is_gone(events)) {
    broken();
    return;
  }
  if ((events & sys::kWritable) != 0 && stream_.unsent() > 0) {
    if (!stream_.flush()) {
      broken();
      return;
    }
    restart_timeout();
    output_moved();
  }
  pump();
}

// A hang-up alone means that both sides have ended, which is how lingering and tunnels are meant to end: what
// was sent before is still to be read.
bool Downstream::is_gone(std::uint32_t events) const {
  if (state_ == State::lingering) {
    return false;
  }
  const bool may_be_half_closed = state_ == State::exchange && exchange_->tunnel();
  return (events & (may_be_half_closed ? sys::kError : sys::kHangup | sys::kError)) != 0;
}

void Downstream::output_moved() {
  if (state_ == State::exchange) {
    exchange_->client_took();
  } else if (state_ == State::answered && stream_.unsent() == 0) {
    half_close();
  }
}

// Input.

bool Downstream::takes_input() const {
  switch (state_) {
    case State::silent:
    case State::head:
    case State::lingering:
      return stream_.readable();
    case State::idle:
      return stream_.readable() || !(input_.empty() || holds_empty_line());
    case State::exchange:
      return exchange_->takes_client_bytes() && (stream_.readable() || !input_.empty());
    case State::answered:
    case State::closed:
      break;
  }
  return false;
}

std::size_t Downstream::read_size() const {
  return state_ == State::exchange ? exchange_->client_read_size() : std::min(kHeadRead, kReadBuffer);
}

void Downstream::pump() {
  for (int reads = 0; takes_input(); ++reads) {
    if (reads == kReadsPerTurn) {
      shard_.later(*this);
      return;
    }
    const std::span<char> buffer = shard_.read_buffer();
    const std::size_t kept = input_.size();
    ssize_t got = -EAGAIN;
    if (stream_.readable() && kept < read_size()) {
      got = stream_.read(buffer.subspan(kept, read_size() - kept));
    }
    if (got < 0 && got != -EAGAIN) {
      broken();
      return;
    }
    if (got == 0 && (kept == 0 || state_ == State::head || holds_empty_line())) {
      input_ended();
      return;
    }
    const std::string_view fresh(buffer.data() + kept, static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
    if (state_ == State::head && !may_complete_head(fresh)) {
      input_.append(fresh);
      continue;
    }
    take(join_input(fresh));
    if (input_.empty()) {
      input_.release();
    }
  }
  const bool is_quiet = state_ == State::closed || only_awaits_app();
  if (!is_quiet && !watch()) {
    broken();
  }
}

bool Downstream::watch() {
  return stream_.watch(shard_.loop(), *this);
}

// Whoever is answered soon and leaves then is never watched, which saves what watching costs: a fifteenth of
// a short connection.
bool Downstream::only_awaits_app() const {
  return state_ == State::exchange && !exchange_->tunnel() && !exchange_->uploading() &&
         stream_.unsent() == 0;
}

// One empty line before a request is none of it (RFC 9112 §2.2): kept, so that a second one is seen as such.
bool Downstream::holds_empty_line() const {
  return (state_ == State::idle || state_ == State::silent) && input_.view() == "\r\n";
}

// A head that comes byte by byte is parsed once a line, not once a byte.
bool Downstream::may_complete_head(std::string_view fresh) const {
  return fresh.find('\n') != std::string_view::npos ||
         input_.size() + fresh.size() >= shard_.settings().head_limits.head_bytes;
}

// The bytes kept from before go in front of the fresh ones, for which that place was left free.
std::string_view Downstream::join_input(std::string_view fresh) {
  const std::string_view kept = input_.view();
  const std::string_view joined(fresh.data() - kept.size(), kept.size() + fresh.size());
  std::copy(kept.begin(), kept.end(), shard_.read_buffer().data());
  input_.clear();
  return joined;
}

void Downstream::take(std::string_view in) {
  if (in.empty()) {
    return;
  }
  switch (state_) {
    case State::silent:
    case State::idle:
    case State::head:
      take_head(in);
      return;
    case State::exchange: {
      const std::size_t used = exchange_->client_bytes(in);
      input_.append(in.substr(used));
      return;
    }
    case State::lingering:
      discard();
      return;
    case State::answered:
    case State::closed:
      return;
  }
}

void Downstream::take_head(std::string_view in) {
  http::RequestHead head;
  http::Refusal refusal;
  switch (http::parse_request(in, shard_.settings().head_limits, head, refusal)) {
    case http::Parsed::incomplete:
      input_.append(in);
      if (state_ != State::head && !holds_empty_line()) {
        enter(State::head);
      }
      return;
    case http::Parsed::refused:
      turn_away({.status = refusal.status, .error = AccessError::bad_request, .detail = refusal.why}, nullptr,
                in);
      return;
    case http::Parsed::complete:
      take_request(head, in);
      return;
  }
}

void Downstream::take_request(const http::RequestHead& head, std::string_view in) {
  if (answered_here(head, in)) {
    return;
  }
  if (std::exchange(silent_so_far_, false)) {
    shard_.first_request(born_);
  }

  auto permit = shard_.requests().try_enter();
  const bool would_be_cut =
      shard_.is_draining() && find_policy(shard_.settings().stream_rules, head.path) == StreamPolicy::cut;
  if (!permit || would_be_cut) {
    refuse_request(&head, in);
    return;
  }
  client_closes_ = !head.keep_alive;
  exchange_ = std::make_unique<Exchange>(shard_);
  const std::size_t used = exchange_->begin(*this, head, in, std::move(*permit));
  input_.append(in.substr(used));
  enter(State::exchange);
  exchange_->dispatch();
}

void Downstream::discard() {
  if (ended_idle_) {
    ended_idle_ = false;
    shard_.record([](drain::TrafficReport& traffic) { ++traffic.lost_race; });
  }
  if (shard_.now() >= linger_until_) {
    close();
    return;
  }
  restart_timeout();
}

void Downstream::input_ended() {
  if (state_ == State::exchange) {
    exchange_->client_ended();
  } else {
    close();
  }
}

// An end in good order would pass for the end of a body without length.
void Downstream::broken() {
  if (state_ == State::exchange) {
    exchange_->client_gone();
    sys::reset_on_close(stream_.fd());
  }
  close();
}

// Output.

bool Downstream::send(std::string_view head, std::string_view body, bool last) {
  const bool was_waiting = stream_.unsent() > 0;
  const bool ok = stream_.write(head, body, last);
  if (ok && stream_.unsent() > 0 && !was_waiting) {
    slow_ = true;
    restart_timeout();
    return watch();
  }
  return ok;
}

// The end of an exchange, and of the connection.

void Downstream::end_exchange() {
  client_closes_ = client_closes_ && !exchange_->uploading();
  exchange_->leave();
  shard_.bury(std::move(exchange_));
}

void Downstream::exchange_done(bool keep_alive) {
  end_exchange();
  if (!keep_alive) {
    half_close();
    return;
  }
  enter(State::idle);
  if (!watch()) {
    close();
  } else if (takes_input()) {
    shard_.later(*this);
  }
}

void Downstream::exchange_failed(std::string_view response) {
  end_exchange();
  answer(response);
}

void Downstream::exchange_broken(bool reset) {
  end_exchange();
  if (reset || stream_.unsent() > 0) {
    sys::reset_on_close(stream_.fd());
    close();
    return;
  }
  half_close();
}

// More may have come than we were told of, if we watch at all; to close on top of that would reset the
// client, and destroy its last response.
bool Downstream::nothing_follows() {
  if (!client_closes_ || !input_.empty() || stream_.readable()) {
    return false;
  }
  char one[1];
  return stream_.read(one) <= 0;
}

void Downstream::half_close() {
  if (nothing_follows() || sys::shutdown_write(stream_.fd()) < 0) {
    close();
    return;
  }
  input_.release();
  linger_until_ = shard_.now() + kLingerTotal;
  enter(State::lingering);
  permit_.release();
  shard_.later(*this);
}

void Downstream::end_idle() {
  stream_.note(sys::kReadable);  // among many that end at once, a request may be newer than the last events
  pump();
  if (state_ != State::idle && state_ != State::silent) {
    return;
  }
  ended_idle_ = true;
  shard_.record([](drain::TrafficReport& traffic) { ++traffic.idle_closed; });
  half_close();
}

void Downstream::cut(std::string_view reason) {
  switch (state_) {
    case State::exchange:
      exchange_->cut(reason);
      return;
    case State::silent:
    case State::idle:
      end_idle();
      return;
    case State::head:
      refuse_request(nullptr, input_.view());
      return;
    case State::answered:
    case State::lingering:
    case State::closed:
      return;
  }
}

void Downstream::close() {
  if (state_ == State::closed) {
    return;
  }
  if (exchange_ != nullptr) {
    end_exchange();
  }
  state_ = State::closed;
  cancel();
  permit_.release();
  shard_.closed(*this);
}

// Timeouts.

void Downstream::enter(State state) {
  state_ = state;
  restart_timeout();
}

void Downstream::restart_timeout() {
  Shard::Timeouts& timeouts = shard_.timeouts();
  const Time now = shard_.now();
  switch (state_) {
    case State::silent:
    case State::idle:
      timeouts.idle.start(*this, now);
      return;
    case State::head:
      timeouts.head.start(*this, now);
      return;
    case State::exchange:
      if (stream_.unsent() > 0) {
        timeouts.stalled.start(*this, now);
      } else if (exchange_->uploading()) {
        timeouts.body.start(*this, now);
      } else if (!stream_.watched()) {
        timeouts.unwatched.start(*this, now);
      } else {
        cancel();
      }
      return;
    case State::answered:
      timeouts.stalled.start(*this, now);
      return;
    case State::lingering:
      (ended_idle_ ? timeouts.lingering_unused : timeouts.lingering).start(*this, now);
      return;
    case State::closed:
      cancel();
      return;
  }
}

void Downstream::timed_out() {
  switch (state_) {
    case State::head:
      turn_away({.status = 408,
                 .error = AccessError::too_slow,
                 .detail = "The request head did not arrive in time"},
                nullptr, input_.view());
      return;
    case State::exchange:
      if (only_awaits_app()) {
        cancel();
        if (!watch()) {
          broken();
        }
      } else if (!exchange_->give_up_on_client(stream_.unsent() > 0)) {
        restart_timeout();
      }
      return;
    case State::silent:
    case State::idle:
      end_idle();
      return;
    case State::answered:
    case State::lingering:
    case State::closed:
      close();
      return;
  }
}

}  // namespace lastcall::proxy
