#include "check/load.h"

#include <algorithm>

namespace lastcall::check {

using judge::Outcome;

Load::Load(Scenario scenario, net::Loop& loop)
    : scenario_(std::move(scenario)),
      loop_(loop),
      scratch_(std::make_unique<char[]>(Client::kScratch)),
      random_(scenario_.seed) {}

Load::~Load() = default;

void Load::start(Time now) {
  for (std::uint32_t flow = 0; flow < scenario_.flows.size(); ++flow) {
    start_flow(running_.emplace_back(Running{.index = flow, .flow = &scenario_.flows[flow]}), now);
  }
}

void Load::start_flow(Running& running, Time now) {
  const bool open_loop = running.flow->rate > 0;
  for (std::uint32_t i = 0; i < running.flow->clients; ++i) {
    Client& client = *running.clients.emplace_back(
        std::make_unique<Client>(scenario_, running.index, loop_, *this, scratch_.get()));
    if (open_loop) {
      running.free.push_back(&client);
    } else {
      restarts_.emplace(now, &client);
    }
  }
  if (open_loop) {
    running.next = now + gap(*running.flow);
  }
}

// Single requests have exponential gaps: many independent users, so that bunches are as likely as they are in
// life.
Duration Load::gap(const Flow& flow) {
  const double seconds = flow.burst > 1
                             ? std::uniform_real_distribution(0.99, 1.01)(random_) * flow.burst / flow.rate
                             : std::exponential_distribution(flow.rate)(random_);
  return std::chrono::duration_cast<Duration>(std::chrono::duration<double>(seconds));
}

Time Load::tick(Time now) {
  if (observations_.size() >= kMaxObservations) {
    stop();
  }
  restart_due(now);
  wake_due(now);
  Time next = Time::max();
  for (Running& running : running_) {
    begin_due(running, now);
    next = std::min(next, running.next);
  }
  for (const auto* wanted : {&wakes_, &restarts_}) {
    next = wanted->empty() ? next : std::min(next, wanted->begin()->first);
  }
  return next;
}

void Load::begin_due(Running& running, Time now) {
  for (; running.next <= now; running.next += gap(*running.flow)) {
    for (std::uint32_t i = 0; i < running.flow->burst; ++i) {
      if (running.due.size() < kMaxBacklog) {
        running.due.push_back(running.next);
      } else {
        note_unsent(running.index, running.next, now);
      }
    }
  }
  // A client that fails at once is free again at once, so the bound is what is due, not who is free.
  for (std::size_t left = running.due.size(); left > 0 && !running.free.empty(); --left) {
    const Time intended = running.due.front();
    Client& client = *running.free.front();
    running.due.pop_front();
    running.free.pop_front();
    client.begin(intended);
  }
}

void Load::restart_due(Time now) {
  while (!restarts_.empty() && restarts_.begin()->first <= now) {
    const auto [when, client] = *restarts_.begin();
    restarts_.erase(restarts_.begin());
    client->begin(when);
  }
}

void Load::wake_due(Time now) {
  while (!wakes_.empty() && wakes_.begin()->first <= now) {
    const auto [when, client] = *wakes_.begin();
    client->wake(now);
    wakes_.erase({when, client});
  }
}

void Load::stop() {
  if (std::exchange(stopped_, true)) {
    return;
  }
  restarts_.clear();
  for (Running& running : running_) {
    running.next = Time::max();
    running.due.clear();
    for (const auto& client : running.clients) {
      client->leave();
    }
  }
}

std::size_t Load::under_way() const {
  std::size_t count = 0;
  for (const Running& running : running_) {
    count += static_cast<std::size_t>(
        std::count_if(running.clients.begin(), running.clients.end(),
                      [](const auto& client) { return client->busy() && !client->resting(); }));
  }
  return count;
}

void Load::attempt_ended(Client& client, const judge::Observation& seen) {
  observations_.push_back(seen);
  if (stopped_) {
    client.leave();
    return;
  }
  Running& running = running_[client.flow()];
  if (running.flow->rate > 0) {
    running.free.push_back(&client);
    return;
  }
  const bool rests = running.flow->manner == Manner::idle || running.flow->manner == Manner::silent;
  if (!rests) {
    restarts_.emplace(seen.outcome == Outcome::ok ? seen.ended : seen.ended + kBackoff, &client);
  }
}

void Load::connection_reset(Client& client, int error) {
  const Time now = sys::now();
  observations_.push_back({.flow = client.flow(),
                           .outcome = Outcome::reset,
                           .reused = true,
                           .error = error,
                           .intended = now,
                           .started = now,
                           .ended = now});
}

void Load::wake_changed(Client& client, Time before, Time when) {
  wakes_.erase({before, &client});
  if (when != Time::max()) {
    wakes_.emplace(when, &client);
  }
}

void Load::note_unsent(std::uint32_t flow, Time intended, Time now) {
  observations_.push_back(
      {.flow = flow, .outcome = Outcome::unsent, .intended = intended, .started = now, .ended = now});
}

}  // namespace lastcall::check
