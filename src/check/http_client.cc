#include "check/http_client.h"

#include <algorithm>
#include <cerrno>
#include <utility>

namespace lastcall::check {

using judge::Kind;
using judge::Outcome;

HttpClient::HttpClient(const Setting& setting) : Client(setting) {}

void HttpClient::connected(Time now) {
  if (!seen_.reused) {
    answered_before_ = 0;
    told_to_leave_ = false;
    last_used_ = now;
  }
  if (plan().kind == Kind::silent) {
    rest();
    watch_kept();
    return;
  }
  answered_ = 0;
  reader_.begin();
  script_.begin(now, draw(plan().hold));
  receive_allowed_ = plan().download.bytes;
  next_receive_ = plan().download.bytes > 0 ? now + plan().download.every : Time::max();
  schedule();
  exchange();
}

void HttpClient::ready() {
  if (stage_ == Stage::exchanging) {
    exchange();
  } else {
    watch_kept();
  }
}

void HttpClient::wake(Time now) {
  if (stage_ != Stage::exchanging) {
    return;
  }
  if (now >= script_.next_release()) {
    script_.release(now);
  }
  if (now >= next_receive_) {
    receive_allowed_ += plan().download.bytes;
    next_receive_ = now + plan().download.every;
  }
  schedule();
  exchange();
}

void HttpClient::schedule() {
  wake_me(std::min(script_.next_release(), next_receive_));
}

void HttpClient::exchange() {
  send_requests();
  seen_.sent = script_.sent_of(answered_);
  while (stage_ == Stage::exchanging && room() > 0 && receive_once(room())) {
  }
  const bool kept = stage_ == Stage::resting || stage_ == Stage::between;
  if (kept && connection_.readable()) {
    watch_kept();
  }
}

/// How much may be received by now.
std::size_t HttpClient::room() const {
  if (plan().download.bytes == 0) {
    return kReceive;
  }
  const std::uint64_t left = receive_allowed_ - std::min(receive_allowed_, seen_.received);
  return static_cast<std::size_t>(std::min<std::uint64_t>(kReceive, left));
}

void HttpClient::digest(std::string_view bytes) {
  while (stage_ == Stage::exchanging) {
    if (!bytes.empty()) {
      note_answer();
    }
    const ResponseReader::Taken taken = reader_.take(bytes, decoded());
    bytes.remove_prefix(taken.consumed);
    seen_.received += taken.consumed;
    switch (taken.step) {
      case ResponseReader::Step::more:
        return;
      case ResponseReader::Step::interim:
        seen_.answered = Time::max();
        script_.release_all();
        send_requests();
        schedule();
        break;
      case ResponseReader::Step::head:
        head_read();
        break;
      case ResponseReader::Step::complete:
        if (!bytes.empty() && answered_ + 1 == script_.requests()) {
          fail(Outcome::wrong);
        } else {
          response_complete();
        }
        break;
      case ResponseReader::Step::malformed:
        fail(Outcome::wrong);
        break;
    }
  }
}

void HttpClient::head_read() {
  seen_.status = static_cast<std::int16_t>(reader_.status());
  seen_.retry_after = reader_.retry_after();
  seen_.told_to_leave = told_to_leave_ = !reader_.keep_alive();
  if (reader_.status() == 101) {
    fail(Outcome::wrong);
  }
}

Outcome HttpClient::judge_response() const {
  if (seen_.status >= 500) {
    return Outcome::server_error;
  }
  // RFC 9110 §15.5.18: a server may decline the expectation.
  const bool declined = plan().kind == Kind::expect_continue && seen_.status == 417;
  const bool expected_size = plan().expected_bytes == 0 || plan().expected_bytes == reader_.body_bytes();
  return (seen_.status < 400 && expected_size) || declined ? Outcome::ok : Outcome::wrong;
}

bool HttpClient::reusable() const {
  return plan().kind == Kind::keep_alive && reader_.keep_alive() && script_.whole();
}

void HttpClient::response_complete() {
  const Outcome outcome = judge_response();
  if (answered_ + 1 < script_.requests()) {
    next_response(outcome);
    return;
  }
  if (outcome != Outcome::ok) {
    end(outcome);
    return;
  }
  seen_.error = 0;
  ++answered_before_;
  if (plan().kind == Kind::idle && reader_.keep_alive()) {
    last_used_ = sys::now();
    rest();
  } else {
    end(outcome, reusable());
    last_used_ = seen_.ended;
  }
}

/// One of several is answered. Behind a response that is the connection's last one nothing was promised: the
/// client may ask elsewhere (RFC 9112 §9.3.2, §9.6).
void HttpClient::next_response(Outcome outcome) {
  report(outcome);
  if (told_to_leave_) {
    fail(Outcome::refused);
  }
}

/// Observes the present response and goes on to the next one.
void HttpClient::report(Outcome outcome) {
  seen_.outcome = outcome;
  seen_.ended = sys::now();
  setting().owner.observed(seen_);
  ++answered_;
  reader_.begin();
  seen_ = {.flow = seen_.flow,
           .reused = true,
           .told_to_leave = told_to_leave_,
           .error = seen_.error,
           .intended = seen_.intended,
           .started = seen_.started,
           .connected = seen_.connected,
           .sent = script_.sent_of(answered_)};
}

void HttpClient::connection_ended(int error) {
  seen_.error = error != 0 ? error : seen_.error;
  if (error == 0 && reader_.ended_by_close()) {
    response_complete();
  } else if (seen_.answered != Time::max()) {
    fail(Outcome::truncated);
  } else {
    fail(seen_.error != 0 ? Outcome::reset : Outcome::eof);
  }
}

/// The attempt ends here. Of several responses the present one broke off; those behind it never began.
void HttpClient::fail(Outcome outcome) {
  while (answered_ + 1 < script_.requests()) {
    report(outcome);
    if (outcome == Outcome::truncated) {
      outcome = seen_.error != 0 ? Outcome::reset : Outcome::eof;
    }
  }
  end(outcome);
}

void HttpClient::time_out() {
  if (stage_ == Stage::connecting) {
    end(Outcome::timeout);
  } else {
    fail(Outcome::timeout);
  }
}

// Also asked right before a connection is used again: what the client can know already is not the server's
// fault. Whoever speaks unasked (408) is about to leave: nothing more is asked of it.
void HttpClient::watch_kept() {
  ssize_t got = connection_.receive_now(received());
  while (got > 0) {
    told_to_leave_ = true;
    got = connection_.receive_now(received());
  }
  const bool leaves = stage_ == Stage::between && told_to_leave_;
  if (got == -EAGAIN && !leaves) {
    return;
  }
  const int error = got == -EAGAIN ? 0 : static_cast<int>(-got);
  setting().owner.departed({.flow = flow(),
                            .at = sys::now(),
                            .last_used = last_used_,
                            .error = error,
                            .answered = answered_before_,
                            .told_to_leave = told_to_leave_});
  if (stage_ == Stage::between) {
    close();
    return;
  }
  seen_.error = error;
  end(error == 0 ? Outcome::ok : Outcome::reset);
}

}  // namespace lastcall::check
