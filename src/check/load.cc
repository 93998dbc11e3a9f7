#include "check/load.h"

#include <algorithm>

namespace lastcall::check {

using judge::Outcome;

Load::Load(Scenario scenario, net::Loop& loop)
    : scenario_(std::move(scenario)), loop_(loop), scratch_(Client::kScratch), random_(scenario_.seed) {
  for (std::uint32_t i = 0; i < scenario_.flows.size(); ++i) {
    running_.emplace_back(i, scenario_.flows[i]);
  }
}

Load::~Load() = default;

void Load::start(Time now) {
  for (Running& running : running_) {
    start_flow(running, now);
  }
}

void Load::start_flow(Running& running, Time now) {
  const Client::Setting setting{.scenario = scenario_,
                                .flow = running.index,
                                .loop = loop_,
                                .owner = *this,
                                .timeouts = running.timeouts,
                                .random = random_,
                                .scratch = scratch_};
  const bool open_loop = running.flow->rate > 0;
  for (std::uint32_t i = 0; i < running.flow->clients; ++i) {
    Client& client = *running.clients.emplace_back(make_client(setting));
    if (open_loop) {
      running.free.push_back(&client);
    } else {
      begin_at(client, now);
    }
  }
  if (open_loop) {
    running.next = now + gap(*running.flow);
  }
}

// Single attempts have exponential gaps: many independent users, so that bunches are as likely as they are in
// life.
Duration Load::gap(const Flow& flow) {
  const double seconds = flow.even || flow.burst > 1
                             ? std::uniform_real_distribution(0.99, 1.01)(random_) * flow.burst / flow.rate
                             : std::exponential_distribution(flow.rate)(random_);
  return std::chrono::duration_cast<Duration>(std::chrono::duration<double>(seconds));
}

Duration Load::draw(const Range& range) {
  return Duration(std::uniform_int_distribution(range.least.count(), range.most.count())(random_));
}

Time Load::tick(Time now) {
  if (observations_.size() >= kMaxObservations) {
    saturated_ = true;
    stop();
  }
  wake_due(now);
  Time next = Time::max();
  for (Running& running : running_) {
    time_out_due(running, now);
    begin_due(running, now);
    next = std::min({next, running.next, running.timeouts.next()});
  }
  return wakes_.empty() ? next : std::min(next, wakes_.top().first);
}

void Load::wake_due(Time now) {
  while (!wakes_.empty() && wakes_.top().first <= now) {
    const auto [when, client] = wakes_.top();
    wakes_.pop();
    if (client->wake_at() != when) {
      continue;
    }
    client->set_wake_at(Time::max());
    if (client->busy()) {
      client->wake(now);
    } else if (!stopped_) {
      begin(running_[client->flow()], *client, when);
    }
  }
}

void Load::time_out_due(Running& running, Time now) {
  while (net::TimeoutNode* node = running.timeouts.expired(now)) {
    static_cast<Client*>(node)->time_out();
  }
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
    begin(running, client, intended);
  }
}

void Load::begin(Running& running, Client& client, Time intended) {
  note_punctuality(intended, sys::now(), true);
  running.state.in_flight += judge::rests(running.flow->kind) ? 0U : 1U;
  client.begin(intended);
}

void Load::begin_at(Client& client, Time when) {
  client.set_wake_at(when);
  wakes_.emplace(when, &client);
}

void Load::stop() {
  if (std::exchange(stopped_, true)) {
    return;
  }
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

void Load::abandon() {
  for (Running& running : running_) {
    for (const auto& client : running.clients) {
      if (client->busy() && !client->resting()) {
        client->time_out();
      }
    }
  }
}

void Load::observed(const judge::Observation& seen) {
  punctuality_.late += seen.outcome == Outcome::unsent ? 1U : 0U;
  observations_.push_back(seen);
}

void Load::departed(const judge::Departure& seen) {
  departures_.push_back(seen);
}

void Load::rests(Client& client) {
  FlowState& state = running_[client.flow()].state;
  ++state.in_flight;
  ++state.good;
}

void Load::attempt_ended(Client& client, Outcome outcome, bool rested) {
  Running& running = running_[client.flow()];
  const bool resting_kind = judge::rests(running.flow->kind);
  running.state.in_flight -= rested || !resting_kind ? 1U : 0U;
  running.state.good += outcome == Outcome::ok && !resting_kind ? 1U : 0U;
  if (stopped_) {
    client.leave();
  } else if (running.flow->rate > 0) {
    running.free.push_back(&client);
  } else if (resting_kind) {
    begin_at(client, signalled_ ? Time::max() : sys::now() + kBackoff);
  } else {
    begin_at(client, sys::now() + (outcome == Outcome::ok ? draw(running.flow->think) : kBackoff));
  }
}

void Load::wake_changed(Client& client) {
  if (client.wake_at() != Time::max()) {
    wakes_.emplace(client.wake_at(), &client);
  }
}

void Load::note_signal() {
  signalled_ = true;
  saturated_ = false;
  punctuality_ = {};
}

void Load::note_unsent(std::uint32_t flow, Time intended, Time now) {
  note_punctuality(intended, now, false);
  observations_.push_back(
      {.flow = flow, .outcome = Outcome::unsent, .intended = intended, .started = now, .ended = now});
}

// Where few are begun, a single late one is many of them, and says nothing.
void Load::note_punctuality(Time intended, Time now, bool begun) {
  constexpr std::uint64_t kFew = 2;
  if (now - punctuality_.since >= 1s) {
    saturated_ |= punctuality_.late > kFew && punctuality_.late * 10 > punctuality_.begun;
    punctuality_ = {.since = now};
  }
  ++punctuality_.begun;
  punctuality_.late += !begun || now - intended > kTolerableLag ? 1U : 0U;
}

}  // namespace lastcall::check
