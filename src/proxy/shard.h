// Shard: one thread with one loop, and everything that lives on it: client connections, upstream connections,
// exchanges, timeouts, counters. Nothing is shared with another shard but the listener. Every call is on the
// shard's own thread, but for the ones marked otherwise.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/recent_count.h"
#include "drain/drainable.h"
#include "drain/gate.h"
#include "drain/report.h"
#include "net/loop.h"
#include "net/timeouts.h"
#include "proxy/access.h"
#include "proxy/counters.h"
#include "proxy/downstream.h"
#include "proxy/exchange.h"
#include "proxy/settings.h"
#include "proxy/stream_ends.h"
#include "proxy/upstream_pool.h"
#include "sys/thread.h"

namespace lastcall::proxy {

class Acceptor;

/// Why clients are left waiting in the listener's queue.
enum class NotAccepting : std::uint8_t { max_connections, no_resources };

/// What the shards tell the proxy; called on a shard's thread.
class ShardObserver {
 public:
  virtual ~ShardObserver() = default;
  /// Clients come; told again every kAcceptNews while they do.
  virtual void accepting() = 0;
  /// A shard has its share of the connections. True: each has, so that new clients wait.
  virtual bool shard_full() = 0;
  virtual void shard_has_room() = 0;
  /// Clients wait; told again every kRepeatWarning while they do.
  virtual void not_accepting(NotAccepting why, std::size_t connections) = 0;
  virtual void redialled() = 0;
  virtual void shard_drained() = 0;
  virtual void shard_lingered() = 0;
  /// One line for the access log; several shards call at once.
  virtual void log_access(const AccessEntry& entry) = 0;
};

class Shard final {
 public:
  Shard(const Settings& settings, int listener, ShardObserver& observer);
  ~Shard();

  /// Starts the thread. Any thread.
  void start();
  /// Ends the thread and closes every connection. Any thread but its own.
  void stop();

  /// Its mailbox. Any thread.
  void post(net::Loop::Task task) { loop_.post(std::move(task)); }

  /// Any thread.
  [[nodiscard]] const Counters& counters() const { return counters_; }

  // The shutdown, in this order (posted by the proxy).

  void app_ready();
  void app_gone();
  void app_ended();
  void set_rotation(drain::Rotation rotation);
  void unready();
  void announce();
  void stop_accepting();
  void listener_closed();
  /// `deadline`: when what is left will be cut.
  void drain(Time deadline);
  void cut(std::string_view reason);

  void adopt(sys::UniqueFd fd, const sys::Address& client);

  /// No room for another client.
  [[nodiscard]] bool full() const { return clients_.size() >= max_clients_; }

  /// It accepts nobody for now.
  void not_accepting(NotAccepting why);
  void accepts_again();

  [[nodiscard]] drain::InFlight in_flight() const;
  [[nodiscard]] Duration oldest_request() const;
  /// The oldest first, at most `most` of them.
  [[nodiscard]] std::vector<drain::OpenExchange> exchanges(std::size_t most) const;
  [[nodiscard]] Duration largest_round_trip() const;

  [[nodiscard]] const drain::TrafficReport& traffic() const { return traffic_; }

  // For the connections and exchanges on this shard.

  [[nodiscard]] const Settings& settings() const { return settings_; }

  [[nodiscard]] net::Loop& loop() { return loop_; }

  [[nodiscard]] Time now() const { return loop_.now(); }

  [[nodiscard]] UpstreamPool& pool() { return pool_; }

  [[nodiscard]] Counters& count() { return counters_; }

  /// Shared by all connections: valid until the present call returns to the loop.
  [[nodiscard]] std::span<char> read_buffer() { return {read_buffer_.get(), kReadBuffer}; }

  [[nodiscard]] char* write_buffer() { return write_buffer_.get(); }

  [[nodiscard]] drain::Gate& requests() { return requests_; }

  [[nodiscard]] bool is_app_ready() const { return app_ready_; }

  [[nodiscard]] bool is_app_gone() const { return app_gone_; }

  [[nodiscard]] bool is_unready() const { return unready_; }

  /// Health paths are answered 503.
  [[nodiscard]] bool looks_unready() const {
    const bool still_ready = settings_.ready_while_delay && !draining_;
    return (unready_ && !still_ready) || rotation_ != drain::Rotation::in;
  }

  [[nodiscard]] bool is_draining() const { return draining_; }

  /// Whether a response that begins now is its connection's last (LC203). Pipelined requests behind it are in
  /// flight, and the last of them carries the `close`; but not for ever, if the client keeps sending more.
  [[nodiscard]] bool says_farewell(bool more_waits) const {
    return farewell_ && (!more_waits || now() >= announced_at_ + settings_.idle_grace);
  }

  [[nodiscard]] ShardObserver& observer() { return observer_; }

  /// 32 hexadecimal digits, valid until the next call.
  [[nodiscard]] std::string_view next_request_id();
  /// "t=<ms since 1970>", valid until the next batch of events.
  [[nodiscard]] std::string_view request_start();

  /// Pumps the connection again before the loop waits.
  void later(Downstream& client);
  void later(Upstream& upstream);

  /// Keeps what has ended until nobody can be in the middle of it any more.
  void bury(std::unique_ptr<Exchange> exchange);
  /// False when too many are held already.
  [[nodiscard]] bool hold(Exchange& exchange);
  void unhold(Exchange& exchange);
  /// A WebSocket or an event stream has begun: during the drain its end is settled at once.
  void stream_began(Exchange& exchange);

  [[nodiscard]] StreamEnds& stream_ends() { return stream_ends_; }

  void closed(Downstream& client);
  [[nodiscard]] Epoch epoch() const;
  /// A connection has brought its first request.
  void first_request(Epoch born);
  /// A health path was answered 503.
  void probe_refused();

  /// What happened since t0, for the report; nothing is counted before.
  template <class Count>
  void record(Count count) {
    if (unready_) {
      count(traffic_);
    }
  }

  /// A request that the app has left without its whole answer.
  void lost_by_app();

  struct Timeouts {
    explicit Timeouts(const Settings& settings);
    net::TimeoutQueue idle, head, body, stalled, unwatched, lingering, lingering_unused;  // of Downstream
    net::TimeoutQueue connect, retry, response, closing_app, closing;                     // of Exchange
  };

  [[nodiscard]] Timeouts& timeouts() { return timeouts_; }

 private:
  Time on_batch(Time now);
  void pump_queued();
  Time expire(Time now);
  Time expire_idle(Time now);
  void report_if_empty();
  [[nodiscard]] std::vector<Downstream*> all_clients() const;

  [[nodiscard]] Duration idle_grace() const { return cut_ ? Duration::zero() : settings_.idle_grace; }

  const Settings& settings_;
  ShardObserver& observer_;
  Counters counters_;
  drain::Gate connections_;  ///< that can still carry a request
  drain::Gate requests_;     ///< in flight
  std::unique_ptr<char[]> read_buffer_;
  std::unique_ptr<char[]> write_buffer_;
  net::Loop loop_;
  Timeouts timeouts_;
  UpstreamPool pool_;
  StreamEnds stream_ends_;
  std::vector<std::unique_ptr<Downstream>> clients_;
  std::vector<std::unique_ptr<Exchange>> buried_;
  std::vector<Downstream*> queued_clients_;
  std::vector<Upstream*> queued_upstreams_;
  std::vector<Exchange*> held_;
  std::unique_ptr<Acceptor> acceptor_;
  std::size_t max_clients_;
  drain::TrafficReport traffic_;
  RecentCount lost_lately_;  ///< before t0: the app's end may show only after what it takes along
  Time tell_accepting_at_{};
  Time tell_not_accepting_at_{};
  bool told_full_ = false;
  drain::Rotation rotation_ = drain::Rotation::in;
  Time unready_at_{};
  Time announced_at_{};
  bool app_ready_ = false;
  bool app_gone_ = false;
  bool unready_ = false;
  bool announced_ = false;
  bool farewell_ = false;  ///< announced, or out of the rotation
  bool draining_ = false;
  bool cut_ = false;
  bool drained_ = false;
  bool lingered_ = false;
  std::uint64_t random_[2] = {};
  char request_id_[32];
  char request_start_[24];
  std::size_t request_start_length_ = 0;
  Time request_start_at_{};
  sys::Thread thread_;
};

}  // namespace lastcall::proxy
