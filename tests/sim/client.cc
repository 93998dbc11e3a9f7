#include "sim/client.h"

#include <utility>

namespace lastcall::sim {

namespace {

constexpr Duration kRedialPause = 5ms;

}  // namespace

Client::Client(Kernel& kernel, const Scenario& scenario, std::size_t number, sys::Address service,
               std::vector<Outcome>& outcomes)
    : kernel_(kernel),
      scenario_(scenario),
      plan_(scenario.clients[number]),
      address_{.family = sys::Address::Family::ipv4,
               .ip = {192, 0, 2, 1},
               .port = static_cast<std::uint16_t>(number)},
      service_(std::move(service)),
      outcomes_(outcomes),
      unsent_(plan_.requests.begin(), plan_.requests.end()) {}

Client::~Client() {
  for (const Connected& connection : connections_) {
    connection.ours->on_change([] {});
  }
}

void Client::start() {
  kernel_.timeline().after(plan_.connects, [this] { connect(); });
  if (plan_.kind == ClientPlan::Kind::leaves) {
    kernel_.timeline().after(plan_.connects + plan_.leaves, [this] { leave(); });
  }
}

void Client::after(Duration delay, void (Client::*what)()) {
  kernel_.timeline().after(delay, [this, what, epoch = epoch_] {
    if (epoch == epoch_ && !over_) {
      (this->*what)();
    }
  });
}

// Connecting.

void Client::connect() {
  if (left_) {
    return;
  }
  ++epoch_;
  over_ = false;
  last_said_ = false;
  used_ = false;
  reading_paused_ = false;
  reader_ = {};
  output_.clear();
  auto ours = kernel_.network().connect(address_, service_, plan_.path, scenario_.losses);
  connections_.push_back({.ours = ours, .connected = {}, .refused_at = {}});
  ours->on_change([this] { go_on(); });
}

void Client::go_on() {
  if (over_) {
    return;
  }
  Connected& connection = connections_.back();
  if (connection.ours->state() == Endpoint::State::closed) {
    connection.refused_at = kernel_.now();
    over_ = true;
    return;
  }
  if (connection.ours->state() == Endpoint::State::connecting) {
    return;
  }
  if (!connection.connected) {
    connection.connected = kernel_.now();
    connected();
  }
  flush();
  read();
}

void Client::connected() {
  connections_.back().last_used = kernel_.now();
  if (plan_.kind == ClientPlan::Kind::half_head) {
    output_ = "GET /r/";
  } else if (plan_.kind != ClientPlan::Kind::silent) {
    send_next();
  }
}

// Sending.

/// Before the next request.
Duration Client::pause() const {
  if (!plan_.aims) {
    return plan_.thinks;
  }
  const Duration until_then = Kernel::kStart + *plan_.aims - plan_.path.latency - kernel_.now();
  return until_then > Duration::zero() ? until_then : plan_.thinks;
}

void Client::send_next() {
  do {
    if (unsent_.empty()) {
      return;
    }
    send_request(unsent_.front());
    unsent_.pop_front();
  } while (plan_.pipelines);
  flush();
}

void Client::send_request(std::uint32_t number) {
  const RequestPlan& request = scenario_.requests[number];
  const bool with_body = request.post;
  std::string head =
      fmt::format("{} /r/{} HTTP/1.1\r\nHost: service\r\n", with_body ? "POST" : "GET", number);
  head += with_body ? fmt::format("Content-Length: {}\r\n\r\n", request.body) : "\r\n";
  Outcome& begun = outcome(number);
  begun.behind_others = !pending_.empty();
  pending_.push_back(number);
  begun.kind = Outcome::Kind::waiting;
  begun.sent = kernel_.now();
  begun.service = connections_.back().ours->peer();
  output_ += head;
  flush();
  begun.arrives = connections_.back().ours->arrival_of_last_send();
  begun.head_there = connections_.back().ours->last_arrival();
  begun.first = !std::exchange(used_, true);
  begun.connected = *connections_.back().connected;
  kernel_.trace("client {}: sends request {}", address_.port, number);
  const std::string body = request_body(number, request.body);
  if (plan_.body_pause == Duration::zero() || plan_.pipelines) {
    output_ += body;
    return;
  }
  for (const int half : {1, 2}) {
    const std::string part = half == 1 ? body.substr(0, body.size() / 2) : body.substr(body.size() / 2);
    kernel_.timeline().after(half * plan_.body_pause, [this, part, epoch = epoch_] {
      if (epoch == epoch_ && !over_) {
        output_ += part;
        flush();
      }
    });
  }
}

void Client::flush() {
  while (!output_.empty()) {
    const ssize_t sent = connections_.back().ours->send(output_);
    if (sent <= 0) {
      return;
    }
    output_.erase(0, static_cast<std::size_t>(sent));
  }
}

// Reading.

void Client::read() {
  Endpoint& ours = *connections_.back().ours;
  while (!reading_paused_ && !over_) {
    const std::optional<Segment> segment = ours.take_segment();
    if (!segment) {
      break;
    }
    take(*segment);
    if (plan_.reads_every > Duration::zero()) {
      reading_paused_ = true;
      after(plan_.reads_every, &Client::resume_reading);
    }
  }
  if (!over_ && (ours.at_end() || ours.reset_arrived())) {
    connection_over();
  }
}

void Client::resume_reading() {
  reading_paused_ = false;
  read();
}

void Client::take(const Segment& segment) {
  std::string_view bytes = segment.bytes;
  while (!bytes.empty() && !over_) {
    if (pending_.empty() || last_said_) {
      connections_.back().bytes_after_close |= last_said_ || plan_.kind == ClientPlan::Kind::ordinary;
      return;
    }
    bytes.remove_prefix(reader_.take(bytes, segment.sent));
    if (reader_.state() == ResponseReader::State::complete ||
        reader_.state() == ResponseReader::State::malformed) {
      connections_.back().last_used = segment.sent;
      response_over(segment.sent);
    }
  }
}

/// `sent`: what ended it.
void Client::response_over(Time sent) {
  const std::uint32_t number = pending_.front();
  pending_.pop_front();
  Outcome& ended = outcome(number);
  const bool complete = reader_.state() == ResponseReader::State::complete;
  ended.kind = complete ? Outcome::Kind::answered : Outcome::Kind::malformed;
  ended.ended = kernel_.now();
  ended.status = reader_.status();
  ended.closes = reader_.closes();
  ended.retry_after = reader_.retry_after();
  ended.body = reader_.body();
  ended.head_sent = reader_.head_sent();
  ended.whole_sent = sent;
  ended.more_behind = !pending_.empty();
  last_said_ = reader_.closes() || !complete;
  kernel_.trace("client {}: request {} is answered {}{}", address_.port, number, ended.status,
                ended.closes ? ", the last" : "");
  reader_ = {};
  if (last_said_) {
    end_pending(false);
    if (plan_.closes_first) {
      hang_up();
    }
  } else if (pending_.empty() && !unsent_.empty()) {
    after(pause(), &Client::send_next);
  } else if (unsent_.empty() && pending_.empty() && plan_.closes_first) {
    hang_up();
  }
}

// Ending.

/// The service's end has come.
void Client::connection_over() {
  const bool reset = connections_.back().ours->reset_arrived();
  connections_.back().was_reset = reset;
  connections_.back().ended_idle = pending_.empty() && !last_said_;
  reader_.ended();
  if (!reset && reader_.state() == ResponseReader::State::complete && !pending_.empty()) {
    response_over(connections_.back().ours->peer()->ended_writing().value_or(kernel_.now()));
  }
  if (!over_) {
    end_pending(reset);
    hang_up();
  }
}

void Client::end_pending(bool reset) {
  for (const std::uint32_t number : std::exchange(pending_, {})) {
    Outcome& ended = outcome(number);
    const bool begun = reader_.started();
    ended.ended = kernel_.now();
    ended.status = reader_.status();
    ended.head_sent = reader_.head_sent();
    ended.kind = last_said_ ? Outcome::Kind::told_before
                 : reset    ? Outcome::Kind::reset
                 : begun    ? Outcome::Kind::broken_off
                            : Outcome::Kind::unanswered;
    kernel_.trace("client {}: request {} ends as {}", address_.port, number, static_cast<int>(ended.kind));
    last_said_ |= begun;  // what was pipelined behind a response that broke off cannot be answered
    reader_ = {};
  }
}

/// Closes our side; what is still to be sent goes on another connection.
void Client::hang_up() {
  over_ = true;
  connections_.back().ours->on_change([] {});
  connections_.back().ours->close();
  if (!left_ && !unsent_.empty() && plan_.kind == ClientPlan::Kind::ordinary) {
    kernel_.timeline().after(kRedialPause, [this] { connect(); });
  }
}

void Client::leave() {
  left_ = true;
  if (over_) {
    return;
  }
  for (const std::uint32_t number : std::exchange(pending_, {})) {
    outcome(number).kind = Outcome::Kind::abandoned;
  }
  hang_up();
}

}  // namespace lastcall::sim
