#include "proxy/shard.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>

#include "base/assert.h"
#include "proxy/acceptor.h"

namespace lastcall::proxy {
namespace {

/// A byte as two digits: half the steps of digit by digit.
constexpr auto kHexPairs = [] {
  constexpr char kDigits[] = "0123456789abcdef";
  std::array<std::array<char, 2>, 256> pairs{};
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    pairs[i] = {kDigits[i & 15U], kDigits[i >> 4U]};
  }
  return pairs;
}();

}  // namespace

Shard::Timeouts::Timeouts(const Settings& settings)
    : idle(settings.idle_timeout),
      head(settings.header_timeout),
      body(settings.body_window),
      stalled(settings.send_timeout),
      unwatched(kUnwatched),
      lingering(kLingerIdle),
      lingering_unused(kLingerUnused),
      connect(kConnectTimeout),
      retry(kRefusedRetryStep),
      response(settings.upstream_timeout),
      closing_app(std::max(settings.ws_grace, kLeastWsGrace) / kAppsCloseShare),
      closing(std::max(settings.ws_grace, kLeastWsGrace) - closing_app.duration()) {}

Shard::Shard(const Settings& settings, int listener, ShardObserver& observer)
    : settings_(settings),
      observer_(observer),
      read_buffer_(new char[kReadBuffer]),
      write_buffer_(
          new char[kReadBuffer + http::Body::kRoom + http::kResponseRoom * kMaxInterim + http::kRequestRoom]),
      timeouts_(settings),
      pool_(*this),
      acceptor_(std::make_unique<Acceptor>(*this, listener)),
      max_clients_(std::max<std::size_t>(settings.max_connections / settings.workers, 1)) {
  LASTCALL_ASSERT(settings.head_limits.head_bytes <= kHeadRead);
  sys::random_bytes(std::as_writable_bytes(std::span(random_)));
  loop_.on_batch([this](Time now) { return on_batch(now); });
  acceptor_->watch();
}

Shard::~Shard() {
  LASTCALL_ASSERT(!thread_.joinable());
  clients_.clear();
}

void Shard::start() {
  thread_ = sys::Thread([this] { loop_.run(); });
}

void Shard::stop() {
  if (thread_.joinable()) {
    loop_.post([this] { loop_.stop(); });
    thread_.join();
  }
}

// Turns of the loop.

Time Shard::on_batch(Time now) {
  pump_queued();
  const Time next = expire(now);
  report_if_empty();
  buried_.clear();
  // What has closed is destroyed after this batch.
  std::erase_if(queued_clients_,
                [](Downstream* client) { return client->state() == Downstream::State::closed; });
  std::erase_if(queued_upstreams_, [](Upstream* upstream) { return upstream->closed; });
  return queued_clients_.empty() && queued_upstreams_.empty() ? next : now;
}

void Shard::later(Downstream& client) {
  if (!std::exchange(client.queued, true)) {
    queued_clients_.push_back(&client);
  }
}

void Shard::later(Upstream& upstream) {
  if (!std::exchange(upstream.queued, true)) {
    queued_upstreams_.push_back(&upstream);
  }
}

// Once each: what queues itself again meanwhile waits for the next batch, so that nobody has the loop for
// himself.
void Shard::pump_queued() {
  std::vector<Downstream*> clients;
  clients.swap(queued_clients_);
  for (Downstream* client : clients) {
    client->queued = false;
    client->pump();
  }
  std::vector<Upstream*> upstreams;
  upstreams.swap(queued_upstreams_);
  for (Upstream* upstream : upstreams) {
    upstream->queued = false;
    upstream->pump();
  }
}

Time Shard::expire(Time now) {
  Time next = std::min({pool_.expire(now), acceptor_->resume(now), stream_ends_.expire(now)});
  for (net::TimeoutQueue* queue : {&timeouts_.head, &timeouts_.body, &timeouts_.stalled, &timeouts_.unwatched,
                                   &timeouts_.lingering, &timeouts_.lingering_unused}) {
    while (net::TimeoutNode* node = queue->expired(now)) {
      static_cast<Downstream*>(node)->timed_out();
    }
    next = std::min(next, queue->next());
  }
  // What `closing` has moved on to `closing_app` may be due there too.
  for (net::TimeoutQueue* queue : {&timeouts_.connect, &timeouts_.retry, &timeouts_.response,
                                   &timeouts_.closing, &timeouts_.closing_app}) {
    while (net::TimeoutNode* node = queue->expired(now)) {
      static_cast<Exchange*>(node)->timed_out();
    }
    next = std::min(next, queue->next());
  }
  return std::min(next, expire_idle(now));
}

// While draining, an idle connection gets the grace from when it went idle or was told, whichever came later
// (LC204); the longest idle is the least likely to be used again, and goes first.
Time Shard::expire_idle(Time now) {
  while (net::TimeoutNode* node = timeouts_.idle.oldest()) {
    const Time limit =
        draining_ ? std::max(node->since(), announced_at_) + idle_grace() : timeouts_.idle.next();
    if (now < limit) {
      return limit;
    }
    static_cast<Downstream*>(node)->end_idle();
  }
  return Time::max();
}

void Shard::report_if_empty() {
  if (connections_.drained() && !std::exchange(drained_, true)) {
    observer_.shard_drained();
  }
  if (drained_ && clients_.empty() && !std::exchange(lingered_, true)) {
    observer_.shard_lingered();
  }
}

// Connections.

void Shard::adopt(sys::UniqueFd fd, const sys::Address& client) {
  auto permit = connections_.try_enter();
  if (!permit) {
    return;
  }
  counters_.accepted.add(1);
  if (now() >= tell_accepting_at_) {
    tell_accepting_at_ = now() + kAcceptNews;
    observer_.accepting();
  }
  record([](drain::TrafficReport& traffic) { ++traffic.accepted; });
  auto downstream = std::make_unique<Downstream>(*this, std::move(fd), client, std::move(*permit));
  downstream->slot = clients_.size();
  clients_.push_back(std::move(downstream));
  clients_.back()->pump();
}

// Full alone it leaves new clients to the others.
void Shard::not_accepting(NotAccepting why) {
  if (why == NotAccepting::max_connections) {
    told_full_ = true;
    if (!observer_.shard_full()) {
      return;
    }
  }
  if (now() >= tell_not_accepting_at_) {
    tell_not_accepting_at_ = now() + kRepeatWarning;
    observer_.not_accepting(why, clients_.size());
  }
}

void Shard::accepts_again() {
  if (std::exchange(told_full_, false)) {
    observer_.shard_has_room();
  }
}

void Shard::closed(Downstream& client) {
  const std::size_t slot = client.slot;
  std::swap(clients_[slot], clients_.back());
  clients_[slot]->slot = slot;
  loop_.retire(std::move(clients_.back()));
  clients_.pop_back();
}

void Shard::bury(std::unique_ptr<Exchange> exchange) {
  buried_.push_back(std::move(exchange));
}

bool Shard::hold(Exchange& exchange) {
  if (held_.size() >= std::max<std::size_t>(settings_.max_held / settings_.workers, 1)) {
    return false;
  }
  held_.push_back(&exchange);
  return true;
}

void Shard::unhold(Exchange& exchange) {
  std::erase(held_, &exchange);
}

Epoch Shard::epoch() const {
  if (announced_) {
    return Epoch::announced;
  }
  return unready_ ? Epoch::unready : Epoch::serving;
}

void Shard::first_request(Epoch born) {
  if (born == Epoch::serving) {
    return;
  }
  traffic_.last_connection = now() - unready_at_;
  if (born == Epoch::announced) {
    observer_.redialled();
  }
}

void Shard::probe_refused() {
  record([this](drain::TrafficReport& traffic) { traffic.last_probe = now() - unready_at_; });
}

void Shard::lost_by_app() {
  if (unready_) {
    ++traffic_.failed;
  } else {
    lost_lately_.add(now());
  }
}

std::string_view Shard::next_request_id() {
  // xoroshiro128+: unique is enough, unguessable is not promised.
  const auto rotate = [](std::uint64_t value, int by) { return (value << by) | (value >> (64 - by)); };
  const std::uint64_t mixed = random_[1] ^ random_[0];
  const std::uint64_t words[2] = {random_[0] + random_[1], random_[0]};
  random_[0] = rotate(random_[0], 24) ^ mixed ^ (mixed << 16);
  random_[1] = rotate(mixed, 37);
  for (std::size_t i = 0; i < sizeof request_id_ / 2; ++i) {
    std::memcpy(request_id_ + 2 * i, kHexPairs[(words[i / 8] >> (8 * (i % 8))) & 0xffU].data(), 2);
  }
  return {request_id_, sizeof request_id_};
}

std::string_view Shard::request_start() {
  if (request_start_at_ != now()) {
    request_start_at_ = now();
    std::memcpy(request_start_, "t=", 2);
    const auto end = std::to_chars(request_start_ + 2, std::end(request_start_), sys::wall_clock_ms()).ptr;
    request_start_length_ = static_cast<std::size_t>(end - request_start_);
  }
  return {request_start_, request_start_length_};
}

// The shutdown.

void Shard::app_ready() {
  app_ready_ = true;
  std::vector<Exchange*> held;
  held.swap(held_);
  for (Exchange* exchange : held) {
    exchange->dispatch();
  }
}

void Shard::app_gone() {
  app_gone_ = true;
  requests_.close();
  pool_.close_idle();
  while (!held_.empty()) {
    held_.back()->refuse();
  }
  for (Downstream* client : all_clients()) {
    if (client->exchange() != nullptr && client->exchange()->gathering()) {
      client->exchange()->refuse();
    }
  }
}

void Shard::app_ended() {
  traffic_.failed += lost_lately_.count(now());
  app_gone();
}

void Shard::set_rotation(drain::Rotation rotation) {
  rotation_ = rotation;
  if (!announced_) {
    farewell_ = rotation == drain::Rotation::announced;
    announced_at_ = now();
  }
}

void Shard::unready() {
  unready_ = true;
  unready_at_ = now();
  traffic_.at_signal = in_flight();
}

void Shard::announce() {
  announced_ = true;
  farewell_ = true;
  announced_at_ = now();
}

void Shard::stop_accepting() {
  acceptor_->stop();
}

void Shard::listener_closed() {
  connections_.close();
}

void Shard::drain(Time deadline) {
  draining_ = true;
  stream_ends_.begin(now(), stream_spread(deadline - now()));
  for (Downstream* client : all_clients()) {
    Exchange* const exchange = client->exchange();
    if (exchange == nullptr) {
      continue;
    }
    if (exchange->stream_policy() == StreamPolicy::cut) {
      exchange->cut("stream policy");
    } else {
      stream_began(*exchange);
    }
  }
}

void Shard::stream_began(Exchange& exchange) {
  const bool can_end = exchange.websocket() || exchange.event_stream();
  if (draining_ && can_end && exchange.stream_policy() == StreamPolicy::close) {
    stream_ends_.add(exchange, now());
  }
}

void Shard::cut(std::string_view reason) {
  cut_ = true;
  requests_.close();
  for (Downstream* client : all_clients()) {
    client->cut(reason);
  }
}

// Ending one takes it off clients_.
std::vector<Downstream*> Shard::all_clients() const {
  std::vector<Downstream*> clients;
  clients.reserve(clients_.size());
  for (const auto& client : clients_) {
    clients.push_back(client.get());
  }
  return clients;
}

// What it looks like now.

drain::InFlight Shard::in_flight() const {
  drain::InFlight count;
  for (const auto& client : clients_) {
    switch (client->state()) {
      case Downstream::State::silent:
        ++count.silent;
        break;
      case Downstream::State::idle:
        ++count.idle;
        break;
      case Downstream::State::head:
        ++count.heads;
        break;
      case Downstream::State::exchange: {
        const Exchange& exchange = *client->exchange();
        count.tunnels += std::uint64_t{exchange.tunnel()};
        count.requests += std::uint64_t{!exchange.tunnel()};
        count.uploads += std::uint64_t{exchange.uploading()};
        count.downloads += std::uint64_t{exchange.downloading()};
        count.websockets += std::uint64_t{exchange.websocket()};
        count.event_streams += std::uint64_t{exchange.event_stream()};
        break;
      }
      case Downstream::State::answered:
      case Downstream::State::lingering:
      case Downstream::State::closed:
        break;
    }
  }
  return count;
}

Duration Shard::oldest_request() const {
  Duration oldest{};
  for (const auto& client : clients_) {
    if (const Exchange* exchange = client->exchange()) {
      oldest = std::max(oldest, now() - exchange->started());
    }
  }
  return oldest;
}

std::vector<drain::OpenExchange> Shard::exchanges(std::size_t most) const {
  std::vector<const Exchange*> oldest;
  for (const auto& client : clients_) {
    if (const Exchange* exchange = client->exchange()) {
      oldest.push_back(exchange);
    }
  }
  most = std::min(oldest.size(), most);
  std::ranges::partial_sort(oldest, oldest.begin() + static_cast<std::ptrdiff_t>(most), {},
                            &Exchange::started);
  oldest.resize(most);
  std::vector<drain::OpenExchange> found;
  found.reserve(oldest.size());
  for (const Exchange* exchange : oldest) {
    found.push_back(exchange->describe());
  }
  return found;
}

Duration Shard::largest_round_trip() const {
  Duration largest{};
  for (const auto& client : clients_) {
    largest = std::max(largest, client->round_trip_time());
  }
  return largest;
}

}  // namespace lastcall::proxy
