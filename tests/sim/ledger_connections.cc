// Of connections: which of them were ended idle, and where a request came too late for that (LC204).
#include <algorithm>

#include "sim/ledger.h"

namespace lastcall::sim {
namespace {

// How long the product still reads a connection that it has ended idle, to see a lost request.
constexpr Duration kLooksForLost = 200ms;

}  // namespace

void Ledger::note_connections() {
  const auto arrived = arrivals();
  for (const auto& service : evidence_.accepted) {
    if (service->local().port != Simulation::service_address().port) {
      continue;
    }
    const auto found = arrived.find(service.get());
    note_connection(*service, found != arrived.end() ? found->second : std::vector<Arrival>());
  }
}

void Ledger::note_connection(const Endpoint& service, const std::vector<Arrival>& arrivals) {
  const auto note = [](Range& sum, Answer answer) { sum.add(answer != Answer::no, answer == Answer::yes); };
  accepted.add(*service.accepted >= instants_.t0 - instants_.slack,
               *service.accepted > instants_.t0 + instants_.slack);
  const Answer idle = ended_idle(service, arrivals);
  note(idle_closed, idle);
  if (idle != Answer::no) {
    note(lost_race, std::min(idle, lost(service, arrivals)));
  }
}

/// In their order, by the service's end of the connection.
std::map<const Endpoint*, std::vector<Ledger::Arrival>> Ledger::arrivals() const {
  std::map<const Endpoint*, std::vector<Arrival>> arrived;
  for (const Outcome& outcome : evidence_.outcomes) {
    if (outcome.service == nullptr) {
      continue;
    }
    const bool in_doubt = outcome.kind == Outcome::Kind::abandoned || outcome.kind == Outcome::Kind::reset;
    const bool answered = outcome.kind == Outcome::Kind::answered && !outcome.closes;
    arrived[outcome.service.get()].push_back({outcome.arrives, in_doubt   ? Answer::maybe
                                                               : answered ? Answer::yes
                                                                          : Answer::no});
  }
  const auto only_word = [&](const Endpoint& client) {
    if (client.arrival_of_last_send() != Time{}) {
      arrived[client.peer().get()].push_back({client.arrival_of_last_send(), Answer::no});
    }
  };
  for (const auto& client : evidence_.clients) {
    for (const Connected& connection : client->connections()) {
      if (client->plan().kind == ClientPlan::Kind::half_head) {
        only_word(*connection.ours);
      }
    }
  }
  for (const Prober::Probe& probe : evidence_.probes) {
    only_word(*probe.ours);
  }
  for (const TunnelOutcome& tunnel : evidence_.tunnels) {
    if (tunnel.connected && tunnel.status == 0) {
      only_word(*tunnel.service->peer());
    } else if (tunnel.connected) {
      arrived[tunnel.service.get()].push_back({tunnel.head_there, Answer::no});
    }
  }
  return arrived;
}

/// By us, with nothing under way, not even the client's own end.
Ledger::Answer Ledger::ended_idle(const Endpoint& service, const std::vector<Arrival>& arrivals) const {
  const auto end = service.ended_writing();
  if (!end || *end + instants_.slack < instants_.t0) {
    return Answer::no;
  }
  const auto clients_end = service.peer()->arrival_of_end();
  const bool left_in_handshake = !clients_end && service.reset_arrived();
  if (left_in_handshake || (clients_end && *clients_end < *end)) {
    return Answer::no;
  }
  Answer idle = service.call_failed || clients_end == end ? Answer::maybe : Answer::yes;
  for (const Arrival& arrival : arrivals) {
    if (arrival.at < *end) {
      idle = std::min(idle, arrival.answered);
    } else if (arrival.at == *end) {
      idle = std::min(idle, Answer::maybe);
    }
  }
  return idle;
}

/// Whether something came behind that end, while it was still looked for.
Ledger::Answer Ledger::lost(const Endpoint& service, const std::vector<Arrival>& arrivals) const {
  const Time end = *service.ended_writing();
  Answer lost = Answer::no;
  for (const Arrival& arrival : arrivals) {
    const bool was_looked_for = arrival.at + instants_.slack < end + kLooksForLost &&
                                arrival.at + instants_.slack < *evidence_.ended && !service.call_failed;
    if (arrival.at > end && was_looked_for) {
      return Answer::yes;
    }
    if (arrival.at >= end && arrival.at <= end + kLooksForLost + instants_.slack) {
      lost = Answer::maybe;
    }
  }
  return lost;
}

}  // namespace lastcall::sim
