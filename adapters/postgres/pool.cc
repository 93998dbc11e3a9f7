#include <cstdint>
#include <mutex>
#include <utility>
#include <vector>

#include "base/occupancy.h"
#include "lastcall/postgres.h"
#include "sys/sys.h"
#include "sys/wait_ready.h"

namespace lastcall::postgres {
namespace {

struct Finish {
  void operator()(PGconn* connection) const { PQfinish(connection); }
};

using Connection = std::unique_ptr<PGconn, Finish>;

/// libpq's own words on one line.
Failure refused(const std::string& what, PGconn* connection) {
  std::string why = PQerrorMessage(connection);
  why.resize(std::min(why.size(), why.find('\n')));
  return failure(what + ": " + why);
}

std::uint32_t events_for(PostgresPollingStatusType wanted) {
  return wanted == PGRES_POLLING_READING ? sys::kReadable : sys::kWritable;
}

Result<Connection> connect(const PoolOptions& options, const std::stop_token& closing) {
  Connection connection(PQconnectStart(options.connection.c_str()));
  const Time until = sys::now() + options.connect_timeout;
  PostgresPollingStatusType wanted = PGRES_POLLING_WRITING;
  while (PQstatus(connection.get()) != CONNECTION_BAD && wanted != PGRES_POLLING_OK) {
    switch (sys::wait_ready(PQsocket(connection.get()), events_for(wanted), until, closing)) {
      case sys::Waited::late:
        return failure("cannot connect to PostgreSQL: no answer in time");
      case sys::Waited::stopped:
        return failure("cannot connect to PostgreSQL: the service is shutting down");
      case sys::Waited::ready:
        wanted = PQconnectPoll(connection.get());
    }
  }
  if (wanted != PGRES_POLLING_OK) {
    return refused("cannot connect to PostgreSQL", connection.get());
  }
  return connection;
}

bool reusable(PGconn* connection) {
  return PQstatus(connection) == CONNECTION_OK && PQtransactionStatus(connection) == PQTRANS_IDLE;
}

}  // namespace

struct Pool::State {
  explicit State(PoolOptions chosen) : options(std::move(chosen)), places(options.size) {}

  Connection take_idle();
  void put_back(Connection connection);
  void close();
  void close_idle();

  const PoolOptions options;
  Occupancy places;
  Transactions transactions;
  std::stop_source closing;  ///< ends connects that are under way
  std::mutex mutex;
  std::vector<Connection> idle;  ///< guarded by mutex
};

/// Of the pool's places, the one that a lease takes.
struct Lease::Place {
  explicit Place(std::shared_ptr<Pool::State> owner) : pool(std::move(owner)) {}

  ~Place() {
    if (connection && !reusable(connection.get())) {
      connection.reset();  // before the transaction counts as ended: this is what rolls it back
    }
    transaction.end();
    if (connection) {
      pool->put_back(std::move(connection));
    }
    pool->places.leave();
  }

  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;

  std::shared_ptr<Pool::State> pool;
  Connection connection;
  Transaction transaction;
};

Lease::Lease(std::unique_ptr<Place> place) : place_(std::move(place)) {}

Lease::Lease(Lease&&) noexcept = default;
Lease& Lease::operator=(Lease&&) noexcept = default;
Lease::~Lease() = default;

PGconn* Lease::get() const {
  return place_->connection.get();
}

Connection Pool::State::take_idle() {
  const std::lock_guard lock(mutex);
  while (!idle.empty()) {
    Connection connection = std::move(idle.back());
    idle.pop_back();
    // Notices, without waiting, a server that has closed it meanwhile.
    if (PQconsumeInput(connection.get()) == 1) {
      return connection;
    }
  }
  return nullptr;
}

void Pool::State::put_back(Connection connection) {
  const std::lock_guard lock(mutex);
  if (!places.closed()) {
    idle.push_back(std::move(connection));
  }
}

void Pool::State::close() {
  places.close();
  closing.request_stop();
  close_idle();
}

void Pool::State::close_idle() {
  const std::lock_guard lock(mutex);
  idle.clear();
}

Pool::Pool(PoolOptions options) : state_(std::make_shared<State>(std::move(options))) {}

Pool::~Pool() {
  if (state_) {
    state_->close_idle();
  }
}

Result<Lease> Pool::acquire(Duration patience) {
  switch (state_->places.enter(sys::now() + patience)) {
    case Occupancy::Entry::closed:
      return failure("no connection: the service is shutting down");
    case Occupancy::Entry::late:
      return failure("no connection: all " + std::to_string(state_->options.size) + " are in use",
                     "make the pool larger, or transactions shorter");
    case Occupancy::Entry::entered:
      break;
  }
  auto place = std::make_unique<Lease::Place>(state_);
  place->connection = state_->take_idle();
  if (!place->connection) {
    auto connection = connect(state_->options, state_->closing.get_token());
    if (!connection) {
      return tl::unexpected(connection.error());
    }
    place->connection = std::move(*connection);
  }
  auto transaction = state_->transactions.begin(place->connection.get());
  if (!transaction) {
    return tl::unexpected(transaction.error());
  }
  place->transaction = std::move(*transaction);
  return Lease(std::move(place));
}

Result<void> Pool::ping() {
  const Result<Lease> lease = acquire();
  if (!lease) {
    return tl::unexpected(lease.error());
  }
  PGresult* answer = PQexec(lease->get(), "SELECT 1");
  const bool answered = PQresultStatus(answer) == PGRES_TUPLES_OK;
  PQclear(answer);
  if (!answered) {
    return refused("PostgreSQL does not answer", lease->get());
  }
  return {};
}

Drained Pool::drain(Time deadline, const std::stop_token& stop) {
  state_->close();
  return state_->transactions.drain(deadline, stop);
}

void Pool::drain(const StepContext& step) {
  state_->close();
  state_->transactions.drain(step);
}

Result<void> Pool::drain_with(Coordinator& coordinator, Step step) {
  return coordinator.add_step(std::move(step), [state = state_](const StepContext& context) {
    state->close();
    state->transactions.drain(context);
  });
}

}  // namespace lastcall::postgres
