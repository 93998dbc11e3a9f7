// Proxy: the shards behind one listener, and what the wrapper may know of them (drain::Drainable). Lives on
// the control thread; it speaks to its shards by their mailboxes, and they to it by the control loop's.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "drain/drainable.h"
#include "log/logger.h"
#include "net/listener_close.h"
#include "net/loop.h"
#include "net/syn_pressure.h"
#include "proxy/settings.h"
#include "proxy/shard.h"

namespace lastcall::proxy {

/// What is in flight at one instant.
struct Snapshot {
  drain::InFlight in_flight{};
  Duration oldest_request{};                     ///< its age; zero if there is none
  std::optional<Duration> last_connection{};     ///< since t0, as in the TrafficReport
  std::vector<drain::OpenExchange> exchanges{};  ///< the oldest first
};

class Proxy final : public drain::Drainable, public ShardObserver {
 public:
  /// `listener`: a listening socket, exclusively ours unless the settings say that it is shared.
  Proxy(Settings settings, sys::UniqueFd listener, net::Loop& control, log::Logger& logger);
  ~Proxy() override;

  /// Starts the shards; `observer` outlives the proxy.
  void start(drain::Drainable::Observer& observer);

  /// For the control loop's hook: does what is due and says when to be called again.
  [[nodiscard]] Time tick(Time now);

  void app_ready() override;
  void app_gone() override;
  void app_ended() override;
  void set_rotation(drain::Rotation rotation) override;
  void unready() override;
  void announce() override;
  void close_listener() override;
  void drain(Time deadline) override;
  void cut(const char* reason) override;
  [[nodiscard]] drain::InFlight in_flight() const override;
  [[nodiscard]] drain::TrafficReport traffic() const override;

  /// At most `most` exchanges with it. One round over the shards.
  [[nodiscard]] Snapshot snapshot(std::size_t most) const;

  [[nodiscard]] const std::vector<std::unique_ptr<Shard>>& shards() const { return shards_; }

  // From the shards, on their threads.
  void accepting() override;
  void redialled() override;
  void shard_drained() override;
  void shard_lingered() override;
  bool shard_full() override;
  void shard_has_room() override;
  void not_accepting(NotAccepting why, std::size_t connections) override;
  void log_access(const AccessEntry& entry) override;

 private:
  template <class Visit>
  void visit_all(Visit visit) const;
  template <class Call>
  void tell_all(Call call);
  void stop_new_connections();
  void take_listener_from_shards();
  void finish_listener();

  const Settings settings_;
  sys::UniqueFd listener_;
  net::Loop& control_;
  log::Logger& logger_;
  drain::Drainable::Observer* observer_ = nullptr;
  sys::UniqueFd all_visited_;  ///< woken by the last shard that visit_all() waits for
  std::vector<std::unique_ptr<Shard>> shards_;

  net::SynPressure syn_pressure_;
  bool ifindex_works_;
  std::unique_ptr<net::ListenerClose> closing_;
  Time look_again_ = Time::max();
  bool leaving_listener_ = false;
  std::atomic<std::size_t> shards_full_{0};
  std::size_t shards_accepting_ = 0;
  std::size_t shards_drained_ = 0;
  std::size_t shards_lingered_ = 0;
  std::size_t next_shard_ = 0;
};

}  // namespace lastcall::proxy
