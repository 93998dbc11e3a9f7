#include "sim/prober.h"

namespace lastcall::sim {

namespace {

constexpr Duration kShortestPause = 20ms;
constexpr Duration kLongestPause = 400ms;

std::string request(Prober::Question question) {
  constexpr const char* kPaths[] = {"/readyz", "/livez", Prober::kHealthPath};
  return fmt::format("GET {} HTTP/1.1\r\nHost: probed\r\nConnection: close\r\n\r\n",
                     kPaths[static_cast<std::size_t>(question)]);
}

}  // namespace

Prober::~Prober() {
  for (Probe& probe : probes_) {
    probe.ours->on_change([] {});
  }
}

void Prober::start() {
  kernel_.timeline().after(kernel_.random().between(kShortestPause, kLongestPause), [this] {
    if (!stopped_) {
      ask();
      start();
    }
  });
}

void Prober::ask() {
  const sys::Address from{.family = sys::Address::Family::ipv4, .ip = {192, 0, 2, 2}};
  const auto question = static_cast<Question>(probes_.size() % 3);
  const sys::Address& whom = question == Question::health_path ? service_ : admin_;
  auto ours = kernel_.network().connect(from, whom, {.latency = 100us}, {});
  probes_.push_back({.question = question, .asked = kernel_.now(), .ours = ours});
  Probe& probe = probes_.back();
  ours->on_change([this, &probe, asked = false]() mutable {
    if (!asked && probe.ours->state() == Endpoint::State::open) {
      asked = true;
      static_cast<void>(probe.ours->send(request(probe.question)));
    }
    go_on(probe);
  });
}

void Prober::go_on(Probe& probe) {
  while (const auto segment = probe.ours->take_segment()) {
    probe.reader.take(segment->bytes, segment->sent);
  }
  const bool over = probe.ours->at_end() || probe.ours->reset_arrived();
  if (!probe.answered && probe.reader.state() == ResponseReader::State::complete) {
    probe.answered = kernel_.now();
    probe.status = probe.reader.status();
  }
  if (over && probe.ours->state() == Endpoint::State::open) {
    probe.ours->close();
  }
}

}  // namespace lastcall::sim
