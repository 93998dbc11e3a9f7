#include "proxy/proxy.h"

#include <algorithm>
#include <iterator>
#include <mutex>
#include <span>
#include <utility>

#include "base/assert.h"

namespace lastcall::proxy {
namespace {

void add(drain::InFlight& sum, const drain::InFlight& more) {
  sum.requests += more.requests;
  sum.uploads += more.uploads;
  sum.downloads += more.downloads;
  sum.tunnels += more.tunnels;
  sum.idle += more.idle;
  sum.silent += more.silent;
  sum.heads += more.heads;
  sum.websockets += more.websockets;
  sum.event_streams += more.event_streams;
}

void add(drain::TrafficReport& sum, const drain::TrafficReport& more) {
  add(sum.at_signal, more.at_signal);
  sum.finished += more.finished;
  sum.refused += more.refused;
  sum.failed += more.failed;
  sum.client_gone += more.client_gone;
  sum.cut += more.cut;
  sum.websockets.closed += more.websockets.closed;
  sum.websockets.client_silent += more.websockets.client_silent;
  sum.websockets.app_silent += more.websockets.app_silent;
  sum.event_streams_ended += more.event_streams_ended;
  sum.accepted += more.accepted;
  sum.idle_closed += more.idle_closed;
  sum.lost_race += more.lost_race;
  sum.last_connection = std::max(sum.last_connection, more.last_connection);
  sum.last_probe = std::max(sum.last_probe, more.last_probe);
  for (const drain::CutExchange& cut : more.cuts) {
    if (sum.cuts.size() < drain::TrafficReport::kMaxCuts) {
      sum.cuts.push_back(cut);
    }
  }
}

}  // namespace

Proxy::Proxy(Settings settings, sys::UniqueFd listener, net::Loop& control, log::Logger& logger)
    : settings_(std::move(settings)),
      listener_(std::move(listener)),
      control_(control),
      logger_(logger),
      all_visited_(sys::wake_create()),
      ifindex_works_(net::ListenerClose::self_test()) {
  syn_pressure_.sample(sys::syn_queue_overflows(), sys::now());
  LASTCALL_ASSERT(all_visited_);
  for (unsigned i = 0; i < settings_.workers; ++i) {
    shards_.push_back(std::make_unique<Shard>(settings_, listener_.get(), *this));
  }
}

Proxy::~Proxy() {
  for (const auto& shard : shards_) {
    shard->stop();
  }
}

void Proxy::start(drain::Drainable::Observer& observer) {
  observer_ = &observer;
  for (const auto& shard : shards_) {
    shard->start();
  }
}

Time Proxy::tick(Time now) {
  if (now >= look_again_) {
    const auto next = closing_->step(now);
    look_again_ = next.value_or(Time::max());
    if (!next) {
      take_listener_from_shards();
    }
  }
  return look_again_;
}

// Between the threads.

template <class Call>
void Proxy::tell_all(Call call) {
  for (const auto& shard : shards_) {
    shard->post([&shard = *shard, call] { call(shard); });
  }
}

// The control thread waits: a shard is never busy for more than one batch of events, and never waits for
// anybody.
template <class Visit>
void Proxy::visit_all(Visit visit) const {
  const bool started = observer_ != nullptr;
  if (!started) {
    // Without threads of their own the shards are this one's.
    for (const auto& shard : shards_) {
      visit(*shard);
    }
    return;
  }
  std::mutex one_at_a_time;
  std::size_t left = shards_.size();
  for (const auto& shard : shards_) {
    shard->post([&, &shard = *shard, all_visited = all_visited_.get()] {
      bool last = false;
      {
        const std::lock_guard lock(one_at_a_time);
        visit(shard);
        last = --left == 0;
      }
      if (last) {
        sys::wake(all_visited);
      }
    });
  }
  sys::poll_one(all_visited_.get(), sys::kReadable, -1, Duration::max());
  sys::wake_drain(all_visited_.get());
}

// Only while clients come: a timer would wake a service that nobody asks for anything. An overflow in between
// is then taken for a recent one.
void Proxy::accepting() {
  control_.post([this] { syn_pressure_.sample(sys::syn_queue_overflows(), sys::now()); });
}

void Proxy::redialled() {
  control_.post([this] { observer_->redialled(); });
}

void Proxy::shard_drained() {
  control_.post([this] {
    if (++shards_drained_ == shards_.size()) {
      observer_->drained();
    }
  });
}

void Proxy::shard_lingered() {
  control_.post([this] {
    if (++shards_lingered_ == shards_.size()) {
      observer_->lingered();
    }
  });
}

bool Proxy::shard_full() {
  return ++shards_full_ == shards_.size();
}

void Proxy::shard_has_room() {
  --shards_full_;
}

// From the control thread: no request waits for a slow reader of the log.
void Proxy::not_accepting(NotAccepting why, std::size_t connections) {
  control_.post([this, why, connections] {
    const bool full = why == NotAccepting::max_connections;
    logger_.warn(
        "not_accepting",
        {{"why", full ? "every worker has its share of --max-conns" : "no descriptor or memory for another"},
         {"connections", connections},
         {"hint", full ? "new clients wait until others leave: raise --max-conns, or add instances"
                       : "raise the limit of open files (LimitNOFILE=, ulimit -n)"}});
  });
}

void Proxy::log_access(const AccessEntry& entry) {
  const std::string_view error = to_string(entry.error);
  log::Field fields[] = {{"method", entry.method},
                         {"path", entry.path},
                         {"status", entry.status},
                         {"client", entry.client},
                         {"ms", to_milliseconds(entry.took)},
                         {"bytes_in", entry.bytes_in},
                         {"bytes_out", entry.bytes_out},
                         {"request_id", entry.request_id},
                         {"error", error}};
  std::size_t count = std::size(fields) - (error.empty() ? 1 : 0);
  if (entry.request_id.empty()) {
    fields[std::size(fields) - 2] = fields[std::size(fields) - 1];
    --count;
  }
  logger_.write(log::Level::info, "access", std::span(fields).first(count));
}

// The shutdown.

void Proxy::app_ready() {
  tell_all([](Shard& shard) { shard.app_ready(); });
}

void Proxy::app_gone() {
  tell_all([](Shard& shard) { shard.app_gone(); });
}

void Proxy::app_ended() {
  tell_all([](Shard& shard) { shard.app_ended(); });
}

void Proxy::set_rotation(drain::Rotation rotation) {
  tell_all([rotation](Shard& shard) { shard.set_rotation(rotation); });
}

void Proxy::unready() {
  tell_all([](Shard& shard) { shard.unready(); });
}

void Proxy::announce() {
  tell_all([](Shard& shard) { shard.announce(); });
}

void Proxy::close_listener() {
  stop_new_connections();
  tell_all([this](Shard& shard) {
    control_.post([this, rtt = shard.largest_round_trip()] { closing_->allow_round_trip(rtt); });
  });
}

void Proxy::stop_new_connections() {
  const Time now = sys::now();
  syn_pressure_.sample(sys::syn_queue_overflows(), now);
  closing_ = std::make_unique<net::ListenerClose>(
      listener_.get(),
      net::ListenerClose::Options{.shared = settings_.listener_is_shared,
                                  .overflowed_lately = syn_pressure_.seen_lately(now),
                                  .ifindex_works = ifindex_works_},
      now);
  look_again_ = now;
}

void Proxy::take_listener_from_shards() {
  if (std::exchange(leaving_listener_, true)) {
    return;
  }
  shards_accepting_ = shards_.size();
  tell_all([this](Shard& shard) {
    shard.stop_accepting();
    control_.post([this] {
      if (--shards_accepting_ == 0) {
        finish_listener();
      }
    });
  });
}

void Proxy::finish_listener() {
  const auto adopt = [this](sys::UniqueFd fd, const sys::Address& client) {
    Shard& shard = *shards_[next_shard_++ % shards_.size()];
    auto owned = std::make_shared<sys::UniqueFd>(std::move(fd));  // a std::function must be copyable
    shard.post([&shard, owned, client] { shard.adopt(std::move(*owned), client); });
  };
  closing_->finish(std::move(listener_), adopt);
  tell_all([](Shard& shard) { shard.listener_closed(); });
  observer_->listener_closed();
}

void Proxy::drain(Time deadline) {
  tell_all([deadline](Shard& shard) { shard.drain(deadline); });
}

void Proxy::cut(const char* reason) {
  if (closing_ == nullptr) {
    stop_new_connections();
  }
  look_again_ = Time::max();
  take_listener_from_shards();
  tell_all([text = std::string(reason)](Shard& shard) { shard.cut(text); });
}

// What is going on.

drain::InFlight Proxy::in_flight() const {
  drain::InFlight sum;
  visit_all([&](Shard& shard) { add(sum, shard.in_flight()); });
  return sum;
}

drain::TrafficReport Proxy::traffic() const {
  drain::TrafficReport sum;
  visit_all([&](Shard& shard) { add(sum, shard.traffic()); });
  if (closing_ != nullptr) {
    sum.listener_close = net::to_string(closing_->method());
    sum.handshakes_at_close = static_cast<std::uint64_t>(closing_->found());
    sum.listener_left = static_cast<std::uint64_t>(closing_->left());
  }
  return sum;
}

Snapshot Proxy::snapshot(std::size_t most) const {
  Snapshot all;
  visit_all([&](Shard& shard) {
    add(all.in_flight, shard.in_flight());
    all.oldest_request = std::max(all.oldest_request, shard.oldest_request());
    all.last_connection = std::max(all.last_connection, shard.traffic().last_connection);
    std::ranges::move(shard.exchanges(most), std::back_inserter(all.exchanges));
  });
  std::ranges::sort(all.exchanges, std::ranges::greater(), &drain::OpenExchange::age);
  all.exchanges.resize(std::min(all.exchanges.size(), most));
  return all;
}

}  // namespace lastcall::proxy
