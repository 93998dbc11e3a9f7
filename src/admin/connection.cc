#include "admin/connection.h"

#include <cerrno>
#include <utility>

#include "http/head.h"

namespace lastcall::admin {
namespace {

constexpr std::size_t kReadAtOnce = 4096;
constexpr std::size_t kMaxFields = 100;

}  // namespace

Connection::Connection(net::Loop& loop, sys::UniqueFd fd, Owner& owner, Time deadline)
    : loop_(loop), fd_(std::move(fd)), owner_(owner), deadline_(deadline) {
  await(sys::kReadable);
}

void Connection::on_events(std::uint32_t) {
  switch (state_) {
    case State::reading:
      return read();
    case State::writing:
      return write();
    case State::held:
    case State::lingering:
      return discard();
    case State::left:
      return;
  }
}

void Connection::leave() {
  state_ = State::left;
  loop_.unwatch(fd_.get());
}

void Connection::read() {
  char bytes[kReadAtOnce];
  const ssize_t count = sys::receive(fd_.get(), bytes);
  if (count == -EAGAIN) {
    return;
  }
  if (count <= 0) {
    return owner_.over(*this);
  }
  input_.append(bytes, static_cast<std::size_t>(count));
  http::RequestHead head;
  http::Refusal refusal;
  switch (http::parse_request(input_, {.head_bytes = kMaxHead, .fields = kMaxFields}, head, refusal)) {
    case http::Parsed::incomplete:
      return;
    case http::Parsed::refused:
      return respond(refuse(refusal.status, refusal.why), false);
    case http::Parsed::complete:
      break;
  }
  const Response response =
      owner_.answer_to({.method = head.method, .path = head.path, .accept = head.accept});
  if (response.later) {
    state_ = State::held;
    return;
  }
  respond(response, head.method == http::Method::head);
}

void Connection::respond(const Response& response, bool head) {
  output_ = render(response, head);
  state_ = State::writing;
  write();
}

void Connection::write() {
  const ssize_t count = sys::send(fd_.get(), std::string_view(output_).substr(written_), false);
  if (count < 0 && count != -EAGAIN) {
    return owner_.over(*this);
  }
  written_ += count > 0 ? static_cast<std::size_t>(count) : 0;
  if (written_ < output_.size()) {
    return await(sys::kWritable);
  }
  linger();
}

void Connection::linger() {
  sys::shutdown_write(fd_.get());
  state_ = State::lingering;
  await(sys::kReadable);
}

void Connection::discard() {
  char bytes[kReadAtOnce];
  const ssize_t count = sys::receive(fd_.get(), bytes);
  if (count <= 0 && count != -EAGAIN) {
    owner_.over(*this);
  }
}

/// Level-triggered, one read an event: a client that floods gets no more than its turn.
void Connection::await(std::uint32_t events) {
  if (events == awaited_) {
    return;
  }
  if (awaited_ != 0) {
    loop_.unwatch(fd_.get());
  }
  awaited_ = events;
  loop_.watch(fd_.get(), events, *this);
}

}  // namespace lastcall::admin
