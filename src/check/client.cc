#include "check/client.h"

#include <algorithm>
#include <cerrno>
#include <utility>

#include "base/assert.h"

namespace lastcall::check {
namespace {

using judge::Outcome;

constexpr http::Limits kLimits{.head_bytes = 64 * 1024, .fields = 200};

std::string request_head(const Scenario& scenario, const Flow& flow) {
  const bool upload = flow.upload_bytes > 0;
  std::string head = (upload ? "POST " : "GET ") + flow.path + " HTTP/1.1\r\nHost: " + scenario.host + "\r\n";
  if (upload) {
    head += "Content-Type: application/octet-stream\r\nContent-Length: " + std::to_string(flow.upload_bytes) +
            "\r\n";
  }
  if (flow.manner == Manner::fresh) {
    head += "Connection: close\r\n";
  }
  return head + "\r\n";
}

std::string_view filler(std::uint64_t bytes) {
  static const std::string kFiller(16 * 1024, 'x');
  return std::string_view(kFiller).substr(
      0, static_cast<std::size_t>(std::min<std::uint64_t>(bytes, kFiller.size())));
}

// The end of a connect() that did not succeed. Only a refusal is the server's clear no.
Outcome judge_connect(int error) {
  switch (error) {
    case ECONNREFUSED:
      return Outcome::refused;
    case ETIMEDOUT:
      return Outcome::timeout;
    case EMFILE:
    case ENFILE:
    case ENOBUFS:
    case ENOMEM:
    case EADDRNOTAVAIL:
      return Outcome::unsent;
    default:
      return Outcome::reset;
  }
}

}  // namespace

Client::Client(const Scenario& scenario, std::uint32_t flow, net::Loop& loop, Owner& owner, char* scratch)
    : scenario_(scenario),
      flow_(scenario.flows[flow]),
      loop_(loop),
      owner_(owner),
      scratch_(scratch),
      request_head_(request_head(scenario, flow_)),
      request_bytes_(request_head_.size() + flow_.upload_bytes) {
  seen_.flow = flow;
}

Client::~Client() {
  close();
}

void Client::begin(Time intended) {
  LASTCALL_ASSERT(!busy());
  watch_between();
  const Time now = sys::now();
  seen_ =
      judge::Observation{.flow = seen_.flow, .reused = fd_.get() >= 0, .intended = intended, .started = now};
  deadline_ = now + flow_.timeout;
  if (seen_.reused) {
    start_exchange(now);
  } else {
    connect();
  }
}

void Client::connect() {
  const int fd = sys::connect_to(scenario_.target);
  if (fd < 0) {
    seen_.error = -fd;
    end(judge_connect(-fd));
    return;
  }
  fd_.reset(fd);
  stage_ = Stage::connecting;
  const int failed = loop_.watch(fd, sys::kReadable | sys::kWritable | sys::kPeerClosed | sys::kEdge, *this);
  LASTCALL_ASSERT(failed == 0);
  schedule();
}

void Client::connect_ended() {
  seen_.error = -sys::socket_error(fd_.get());
  if (seen_.error != 0) {
    end(judge_connect(seen_.error));
    return;
  }
  if (flow_.manner != Manner::silent) {
    start_exchange(sys::now());
    return;
  }
  stage_ = Stage::resting;
  deadline_ = Time::max();
  schedule();
  watch_rest();
}

void Client::start_exchange(Time now) {
  stage_ = Stage::exchanging;
  head_.clear();
  head_complete_ = false;
  body_bytes_ = 0;
  send_allowed_ = flow_.upload.bytes > 0 ? request_head_.size() : request_bytes_;
  receive_allowed_ = 0;
  release_piece(now);
  send_request();
  if (stage_ == Stage::exchanging) {
    receive_response();
  }
}

const Pace& Client::pace() const {
  return flow_.upload.bytes > 0 && seen_.sent < request_bytes_ ? flow_.upload : flow_.download;
}

void Client::release_piece(Time now) {
  if (seen_.sent < request_bytes_) {
    send_allowed_ = std::min(request_bytes_, send_allowed_ + flow_.upload.bytes);
  }
  receive_allowed_ += flow_.download.bytes;
  next_piece_ = pace().bytes > 0 ? now + pace().every : Time::max();
  schedule();
}

void Client::wake(Time now) {
  if (now >= deadline_) {
    end(Outcome::timeout);
    return;
  }
  if (stage_ != Stage::exchanging || now < next_piece_) {
    return;
  }
  release_piece(now);
  send_request();
  receive_response();
}

void Client::on_events(std::uint32_t) {
  switch (stage_) {
    case Stage::away:
      return;
    case Stage::connecting:
      return connect_ended();
    case Stage::exchanging:
      send_request();
      return receive_response();
    case Stage::resting:
      return watch_rest();
    case Stage::between:
      return watch_between();
  }
}

// A failed send says nothing yet: the server may have answered before it closed, so the response decides.
void Client::send_request() {
  while (seen_.sent < send_allowed_) {
    const std::string_view bytes =
        seen_.sent < request_head_.size()
            ? std::string_view(request_head_).substr(static_cast<std::size_t>(seen_.sent))
            : filler(send_allowed_ - seen_.sent);
    const ssize_t sent = sys::send(fd_.get(), bytes, false);
    if (sent == -EAGAIN) {
      return;
    }
    if (sent < 0) {
      seen_.error = static_cast<int>(-sent);
      send_allowed_ = seen_.sent;
      return;
    }
    seen_.sent += static_cast<std::uint64_t>(sent);
  }
}

// The end of the connection may have come together with the response, and is told only once.
void Client::receive_response() {
  while (stage_ == Stage::exchanging && receive_once()) {
  }
  watch_rest();
  watch_between();
}

bool Client::receive_once() {
  std::uint64_t room = kReceive;
  if (flow_.download.bytes > 0) {
    room = std::min(room, receive_allowed_ - std::min(receive_allowed_, seen_.received));
  }
  if (room == 0) {
    return false;
  }
  const ssize_t got = sys::receive(fd_.get(), {scratch_, static_cast<std::size_t>(room)});
  if (got == -EAGAIN) {
    return false;
  }
  if (got <= 0) {
    seen_.error = got < 0 ? static_cast<int>(-got) : seen_.error;
    response_ended();
    return false;
  }
  seen_.received += static_cast<std::uint64_t>(got);
  const std::string_view bytes(scratch_, static_cast<std::size_t>(got));
  if (head_complete_) {
    digest_body(bytes);
  } else {
    digest_head(bytes);
  }
  return true;
}

void Client::digest_head(std::string_view bytes) {
  head_.append(bytes);
  for (;;) {
    http::ResponseHead head;
    http::Refusal refusal;
    const http::Parsed parsed = http::parse_response(head_, kLimits, false, head, refusal);
    if (parsed == http::Parsed::incomplete) {
      return;
    }
    if (parsed == http::Parsed::refused || head.status == 101) {
      end(Outcome::wrong);
      return;
    }
    if (head.status >= 200) {
      head_complete_ = true;
      seen_.status = static_cast<std::int16_t>(head.status);
      keep_alive_ = head.keep_alive && head.framing != http::Framing::until_close;
      body_.begin(head.framing, head.content_length);
      digest_body(std::string_view(head_).substr(head.size));
      return;
    }
    head_.erase(0, head.size);
  }
}

void Client::digest_body(std::string_view bytes) {
  std::size_t taken = 0;
  if (body_.framing() == http::Framing::chunked) {
    char* const decoded = scratch_ + kReceive;
    const http::Body::Decoded result = body_.decode(bytes, false, decoded);
    if (result.refused) {
      end(Outcome::wrong);
      return;
    }
    body_bytes_ += static_cast<std::uint64_t>(result.end - decoded);
    taken = result.consumed;
  } else {
    taken = body_.take(bytes);
    body_bytes_ += taken;
  }
  if (taken < bytes.size()) {
    end(Outcome::wrong);
  } else if (body_.done()) {
    response_complete();
  }
}

void Client::response_complete() {
  if (seen_.status >= 500) {
    end(Outcome::server_error);
    return;
  }
  const bool expected_size = flow_.expected_bytes == 0 || flow_.expected_bytes == body_bytes_;
  if (seen_.status >= 400 || !expected_size) {
    end(Outcome::wrong);
    return;
  }
  seen_.error = 0;
  if (flow_.manner != Manner::idle || !keep_alive_) {
    end(Outcome::ok);
    return;
  }
  stage_ = Stage::resting;
  deadline_ = Time::max();
  next_piece_ = Time::max();
  schedule();
}

void Client::response_ended() {
  if (head_complete_ && body_.framing() == http::Framing::until_close && seen_.error == 0) {
    response_complete();
  } else if (seen_.received > 0) {
    end(Outcome::truncated);
  } else {
    end(seen_.error != 0 ? Outcome::reset : Outcome::eof);
  }
}

// A server may say why it closes (408), so what comes is read and let go.
void Client::watch_rest() {
  while (stage_ == Stage::resting) {
    const ssize_t got = sys::receive(fd_.get(), {scratch_, kReceive});
    if (got == -EAGAIN) {
      return;
    }
    if (got <= 0) {
      seen_.error = static_cast<int>(-got);
      end(got == 0 ? Outcome::ok : Outcome::reset);
      return;
    }
  }
}

// Also asked right before a connection is used again: what the client can know already is not the server's
// fault.
void Client::watch_between() {
  if (stage_ != Stage::between) {
    return;
  }
  const ssize_t got = sys::receive(fd_.get(), {scratch_, kReceive});
  if (got == -EAGAIN) {
    return;
  }
  close();
  if (got < 0) {
    owner_.connection_reset(*this, static_cast<int>(-got));
  }
}

void Client::leave() {
  if (resting()) {
    end(Outcome::ok);
  } else if (stage_ == Stage::between) {
    close();
  }
}

void Client::end(Outcome outcome) {
  const bool reusable = outcome == Outcome::ok && stage_ == Stage::exchanging && keep_alive_ &&
                        flow_.manner == Manner::keep_alive && seen_.sent == request_bytes_;
  if (reusable) {
    stage_ = Stage::between;
  } else {
    close();
  }
  deadline_ = Time::max();
  next_piece_ = Time::max();
  schedule();
  seen_.outcome = outcome;
  seen_.ended = sys::now();
  owner_.attempt_ended(*this, seen_);
}

void Client::close() {
  stage_ = Stage::away;
  fd_.reset();
}

void Client::schedule() {
  const Time before = std::exchange(wake_, std::min(deadline_, next_piece_));
  if (before != wake_) {
    owner_.wake_changed(*this, before, wake_);
  }
}

}  // namespace lastcall::check
