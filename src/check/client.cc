#include "check/client.h"

#include <cerrno>

#include "base/assert.h"
#include "check/http_client.h"
#include "check/stream_client.h"
#include "check/websocket_client.h"

namespace lastcall::check {
namespace {

using judge::Outcome;

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
    case ENOSPC:
    case EADDRNOTAVAIL:
      return Outcome::unsent;
    default:
      return Outcome::reset;
  }
}

}  // namespace

Client::Client(const Setting& setting)
    : script_(setting.scenario, setting.scenario.flows[setting.flow]),
      setting_(setting),
      plan_(setting.scenario.flows[setting.flow]) {}

void Client::begin(Time intended) {
  LASTCALL_ASSERT(!busy());
  wake_at_ = Time::max();
  if (stage_ == Stage::between) {
    ready();
  }
  const Time now = sys::now();
  seen_ = {.flow = setting_.flow, .reused = connection_.open(), .intended = intended, .started = now};
  setting_.timeouts.start(*this, now);
  if (seen_.reused) {
    stage_ = Stage::exchanging;
    seen_.connected = connected_at_;
    connected(now);
  } else {
    dial();
  }
}

void Client::dial() {
  stage_ = Stage::connecting;
  const int failed = connection_.dial(setting_.scenario.target, setting_.loop, *this);
  if (failed != 0) {
    seen_.error = -failed;
    end(judge_connect(-failed));
  }
}

void Client::dialled() {
  seen_.error = -connection_.finish_dial();
  if (seen_.error != 0) {
    end(judge_connect(seen_.error));
    return;
  }
  connected_at_ = seen_.connected = sys::now();
  stage_ = Stage::exchanging;
  connected(seen_.connected);
}

void Client::on_events(std::uint32_t events) {
  connection_.note(events);
  if (stage_ == Stage::connecting) {
    dialled();
  } else if (stage_ != Stage::away) {
    ready();
  }
}

void Client::send_requests() {
  for (std::string_view bytes = script_.next(); !bytes.empty(); bytes = script_.next()) {
    const ssize_t sent = connection_.send(bytes);
    if (sent == -EAGAIN) {
      return;
    }
    if (sent < 0) {
      seen_.error = static_cast<int>(-sent);
      script_.broken();
      return;
    }
    script_.took(static_cast<std::size_t>(sent));
    seen_.sent += static_cast<std::uint64_t>(sent);
  }
}

bool Client::receive_once(std::size_t room) {
  const ssize_t got = connection_.receive(received().first(room));
  if (got == -EAGAIN) {
    return false;
  }
  if (got <= 0) {
    connection_ended(static_cast<int>(-got));
    return false;
  }
  digest({received().data(), static_cast<std::size_t>(got)});
  return true;
}

void Client::note_answer() {
  if (seen_.answered == Time::max()) {
    seen_.answered = sys::now();
  }
}

void Client::time_out() {
  end(Outcome::timeout);
}

void Client::rest() {
  stage_ = Stage::resting;
  cancel();
  wake_at_ = Time::max();
  setting_.owner.rests(*this);
}

void Client::leave() {
  if (resting()) {
    end(Outcome::ok);
  } else if (stage_ == Stage::between) {
    close();
  }
}

void Client::wake_me(Time when) {
  if (when != wake_at_) {
    wake_at_ = when;
    setting_.owner.wake_changed(*this);
  }
}

void Client::end(Outcome outcome, bool kept) {
  const bool rested = resting();
  cancel();
  wake_at_ = Time::max();
  if (kept) {
    stage_ = Stage::between;
  } else {
    close();
  }
  seen_.outcome = outcome;
  seen_.ended = sys::now();
  setting_.owner.observed(seen_);
  setting_.owner.attempt_ended(*this, outcome, rested);
}

void Client::close() {
  stage_ = Stage::away;
  connection_.close();
}

Duration Client::draw(const Range& range) {
  return Duration(std::uniform_int_distribution(range.least.count(), range.most.count())(setting_.random));
}

std::unique_ptr<Client> make_client(const Client::Setting& setting) {
  switch (setting.scenario.flows[setting.flow].kind) {
    case judge::Kind::websocket:
      return std::make_unique<WebSocketClient>(setting);
    case judge::Kind::event_stream:
      return std::make_unique<StreamClient>(setting);
    default:
      return std::make_unique<HttpClient>(setting);
  }
}

}  // namespace lastcall::check
