// AcceptThread: accepts the connections of one listening socket on a thread of its own, so that no handler
// can hold it up, and closes that socket without resetting anybody (LC201, net/listener_close). It does not
// know what becomes of a connection.
#pragma once

#include <array>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>

#include "base/result.h"
#include "base/time.h"
#include "net/listener_close.h"
#include "net/loop.h"
#include "net/syn_pressure.h"

namespace lastcall::net {

/// Any thread.
class AcceptThread final : private Handler {
 public:
  /// Called on the accept thread; must not block.
  using OnAccept = std::function<void(sys::UniqueFd)>;

  /// The largest backlog there is, from the start: a full queue would drop handshakes.
  static constexpr int kBacklog = 65535;

  /// A listener to make one with. Error: the address cannot be had.
  [[nodiscard]] static Result<sys::UniqueFd> listen(const sys::Address& address);

  /// Accepts from now on.
  AcceptThread(sys::UniqueFd listener, OnAccept on_accept);

  /// Closes at once, if close() was never called.
  ~AcceptThread() override;

  /// There is no room for further connections: they wait in the kernel's queue, until resume() or close().
  void pause();
  void resume();

  /// Closes the listener; returns when it is closed and all who had connected have been handed on. Asked to
  /// stop by `token` it does not wait for handshakes in flight.
  void close(const std::stop_token& token);

 private:
  void on_events(std::uint32_t events) override;
  [[nodiscard]] Time tick(Time now);

  void accept_some();
  void adopt(sys::UniqueFd fd);
  void watch();
  void unwatch();
  void begin_close();
  void finish_close();

  Loop loop_;
  sys::UniqueFd listener_;
  const OnAccept on_accept_;
  const bool ifindex_works_;
  SynPressure syn_pressure_;
  std::array<Duration, 64> round_trips_{};  ///< of those accepted last
  std::size_t next_round_trip_ = 0;
  std::optional<ListenerClose> closing_;
  Time sample_pressure_at_{};
  Time resume_at_ = Time::max();
  Time look_again_ = Time::max();
  bool watching_ = false;
  bool paused_ = false;

  std::mutex mutex_;
  std::condition_variable_any changed_;
  bool closed_ = false;  ///< guarded by mutex_

  std::thread thread_;  ///< the last member: it uses all others
};

}  // namespace lastcall::net
