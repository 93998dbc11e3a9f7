#include "sim/tunnel.h"

#include <utility>

namespace lastcall::sim {

TunnelClient::TunnelClient(Kernel& kernel, const Scenario& scenario, std::size_t number, sys::Address service,
                           TunnelOutcome& outcome)
    : kernel_(kernel),
      scenario_(scenario),
      plan_(scenario.tunnels[number]),
      number_(number),
      service_(std::move(service)),
      outcome_(outcome) {}

TunnelClient::~TunnelClient() {
  if (ours_ != nullptr) {
    ours_->on_change([] {});
  }
}

void TunnelClient::start() {
  kernel_.timeline().after(plan_.connects, [this] { connect(); });
}

void TunnelClient::connect() {
  const sys::Address from{.family = sys::Address::Family::ipv4,
                          .ip = {192, 0, 2, 3},
                          .port = static_cast<std::uint16_t>(number_)};
  ours_ = kernel_.network().connect(from, service_, plan_.path, scenario_.losses);
  outcome_.service = ours_->peer();
  ours_->on_change([this] { go_on(); });
}

void TunnelClient::go_on() {
  if (ours_->state() != Endpoint::State::open) {
    return;
  }
  if (!outcome_.connected) {
    outcome_.connected = kernel_.now();
    ask();
  }
  while (const auto segment = socket_ == nullptr ? ours_->take_segment() : std::nullopt) {
    take(*segment);
  }
  if (socket_ == nullptr && (ours_->at_end() || ours_->reset_arrived())) {
    ours_->on_change([] {});
    ours_->close();
  }
}

void TunnelClient::ask() {
  kernel_.trace("tunnel {}: asks for its upgrade", number_);
  static_cast<void>(ours_->send(
      fmt::format("GET /ws/{} HTTP/1.1\r\nHost: service\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                  "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
                  number_)));
  outcome_.head_there = ours_->last_arrival();
}

void TunnelClient::take(const Segment& segment) {
  constexpr std::size_t kStatusAt = 9;
  input_ += segment.bytes;
  const std::size_t end = input_.find("\r\n\r\n");
  if (outcome_.status != 0 || end == std::string::npos) {
    return;
  }
  outcome_.status = std::stoi(input_.substr(kStatusAt));
  outcome_.answer_sent = segment.sent;
  outcome_.says_close = input_.substr(0, end).find("close") != std::string::npos;
  kernel_.trace("tunnel {}: is answered {}", number_, outcome_.status);
  if (outcome_.status == 101) {
    upgraded({input_.substr(end + 4), segment.sent});
  }
}

void TunnelClient::upgraded(Segment rest) {
  socket_ = std::make_shared<WebSocket>(kernel_, ours_, WebSocket::Role::client, number_, plan_.client,
                                        outcome_.client);
  socket_->start(std::move(rest));
}

}  // namespace lastcall::sim
