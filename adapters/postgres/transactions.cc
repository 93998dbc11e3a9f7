#include "transactions.h"

#include <algorithm>
#include <thread>
#include <utility>

#include "base/last_share.h"
#include "sys/at_deadline.h"
#include "sys/sys.h"

namespace lastcall::postgres {
namespace {

std::string transactions(std::size_t count) {
  return std::to_string(count) + (count == 1 ? " transaction" : " transactions");
}

bool under_way(Transactions::State& state, const std::shared_ptr<Transaction::Entry>& entry) {
  const std::lock_guard lock(state.mutex);
  return std::ranges::count(state.entries, entry) > 0;
}

/// Asks the server to cancel what each connection runs. On a thread that nobody waits for: PQcancel() makes a
/// connection of its own, without any timeout, and a server that hangs would hold it for ever.
void cancel_in_background(const std::shared_ptr<Transactions::State>& state,
                          std::vector<std::shared_ptr<Transaction::Entry>> entries) {
  std::thread([state, entries = std::move(entries)] {
    char error[256];
    for (const auto& entry : entries) {
      if (under_way(*state, entry)) {
        PQcancel(entry->cancel.get(), error, sizeof error);
      }
    }
  }).detach();
}

}  // namespace

void Transaction::end() noexcept {
  if (!entry_) {
    return;
  }
  const std::shared_ptr<Entry> entry = std::exchange(entry_, nullptr);
  Transactions::State& state = *entry->transactions;
  {
    const std::lock_guard lock(state.mutex);
    std::erase(state.entries, entry);
    state.cancelled += state.cancelling ? 1 : 0;
  }
  state.occupancy.leave();
}

Transactions::Transactions() : state_(std::make_shared<State>()) {}

Result<Transaction> Transactions::begin(PGconn* connection) {
  auto entry = std::make_shared<Transaction::Entry>();
  entry->transactions = state_;
  entry->cancel.reset(PQgetCancel(connection));
  entry->socket.reset(sys::duplicate(PQsocket(connection)));
  if (!entry->cancel || !entry->socket) {
    return failure("no transaction can begin: the connection to PostgreSQL is not open");
  }
  const std::lock_guard lock(state_->mutex);
  if (state_->occupancy.enter(Time::min()) != Occupancy::Entry::entered) {
    return failure("no transaction can begin: the service is shutting down");
  }
  state_->entries.push_back(entry);
  return Transaction(std::move(entry));
}

std::size_t Transactions::under_way() const {
  return state_->occupancy.inside();
}

Drained Transactions::drain(Time deadline, const std::stop_token& stop) {
  return state_->drain(deadline, stop);
}

void Transactions::drain(const StepContext& step) {
  state_->drain(step);
}

Result<void> Transactions::drain_with(Coordinator& coordinator, Step step) {
  return coordinator.add_step(std::move(step),
                              [state = state_](const StepContext& context) { state->drain(context); });
}

Drained Transactions::State::drain(Time deadline, const std::stop_token& stop) {
  const std::size_t at_start = occupancy.close();
  // The first half of it is for whoever was cancelled to roll back; then connections are cut. A quarter is
  // left over.
  const Duration share = last_share(deadline - sys::now());
  if (occupancy.wait_until_empty(deadline - share, stop)) {
    return {.finished = at_start, .cancelled = 0, .cut = 0};
  }

  // From here on asking to stop changes nothing: it is what brought us here.
  const std::vector<std::shared_ptr<Transaction::Entry>> left = begin_cancelling();
  cancel_in_background(shared_from_this(), left);
  const Time cut_at = std::min(sys::now() + share / 2, deadline);
  if (!occupancy.wait_until_empty(cut_at, {})) {
    for (const auto& entry : left) {
      sys::sever(entry->socket.get());
    }
    static_cast<void>(occupancy.wait_until_empty(cut_at + share / 4, {}));
  }

  const std::lock_guard lock(mutex);
  const std::size_t cut = entries.size();
  return {.finished = at_start - cancelled - cut, .cancelled = cancelled, .cut = cut};
}

void Transactions::State::drain(const StepContext& step) {
  const Drained drained = drain(sys::now() + step.remaining(), step.token());
  step.note(transactions(drained.finished) + " finished");
  if (drained.cancelled > 0) {
    step.lost(transactions(drained.cancelled) + " cancelled and rolled back");
  }
  if (drained.cut > 0) {
    step.lost(transactions(drained.cut) + " cut off, for the server to roll back");
  }
}

std::vector<std::shared_ptr<Transaction::Entry>> Transactions::State::begin_cancelling() {
  const std::lock_guard lock(mutex);
  cancelling = true;
  cancelled = 0;
  return entries;
}

}  // namespace lastcall::postgres
