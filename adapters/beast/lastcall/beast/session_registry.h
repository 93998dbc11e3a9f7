// SessionRegistry: every connection of a server, from its accept to its end, so that a shutdown can tell each
// one and wait for the last. For session classes of one's own; HttpServer is made with it. It knows nothing
// of sockets, and starts no thread. With a Listener it makes a server that drains:
//
//   coordinator.add_server({.close_listener = [&](const StepContext& step) { listener.close(step); },
//                           .drain = [&](const StepContext& step) { registry.drain(step, 1s); }});
#pragma once

#include <condition_variable>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <queue>
#include <random>
#include <stop_token>
#include <string>
#include <vector>

#include "lastcall/step.h"
#include "lastcall/time.h"

namespace lastcall::beast {

/// What there is time for in a drain.
struct DrainTime {
  Duration idle_grace{};  ///< for a request on a connection that is idle
  Duration left{};        ///< for everything, until what is left is cut
};

/// What a shutdown says to a connection. Called on a thread of the library: implementations only post to
/// their own executor.
class Session {
 public:
  virtual ~Session() = default;

  /// Once, when the drain begins: finish what is in flight, then end. If it is idle, it ends when no request
  /// has come for the idle grace (contract LC204).
  virtual void begin_drain(const DrainTime& time) = 0;

  /// Time is over: end at once.
  virtual void cut() = 0;
};

/// When the drain tells a session.
enum class Pace : std::uint8_t {
  together,  ///< with all others, at once
  spread,  ///< at a random instant of the first seconds: clients of long-lived connections reconnect at once,
           ///< and must not do so all together (LC206)
};

/// Any thread. Outlives its entries.
class SessionRegistry {
 private:
  struct Member {
    std::weak_ptr<Session> session;
    Pace pace;
    std::string label;
  };

  using Members = std::list<Member>;

 public:
  /// The longest time over which Pace::spread spreads; a third of the drain where that is less.
  static constexpr Duration kLongestSpread = std::chrono::seconds(3);

  /// How many labels of sessions that were cut a report shows.
  static constexpr std::size_t kMaxLabels = 8;

  /// A session's place in the registry. Move-only; destroying it says that no request can come from there any
  /// more.
  class Entry {
   public:
    Entry() = default;
    Entry(Entry&& other) noexcept;
    Entry& operator=(Entry&& other) noexcept;

    ~Entry() { release(); }

    void release();

   private:
    friend class SessionRegistry;

    Entry(SessionRegistry* registry, Members::iterator place) : registry_(registry), place_(place) {}

    SessionRegistry* registry_ = nullptr;
    Members::iterator place_{};
  };

  struct Outcome {
    std::size_t told = 0;               ///< sessions that the drain found, or that came during it
    std::size_t cut = 0;                ///< sessions that had not ended when time was over
    std::vector<std::string> labels{};  ///< of the first of those
  };

  SessionRegistry();

  /// Called where the connection is accepted, not later: a drain that begins in between would miss it. During
  /// a drain the session is told at once. `label` names it in the report if it is cut; may be empty.
  [[nodiscard]] Entry add(std::weak_ptr<Session> session, Pace pace, std::string label = {});

  [[nodiscard]] std::size_t size() const;

  /// For Server::drain: tells every session, and returns when none is left. Those that are still there when
  /// the step's token asks to stop are cut, and told to the report as lost.
  void drain(const StepContext& step, Duration idle_grace);

  /// The same for whoever drives it himself: `time` is what there is for all of it.
  Outcome drain(const std::stop_token& token, Duration time, Duration idle_grace);

  /// Waits until no session is left, without telling any; those left when `token` asks to stop are cut.
  void wait(const std::stop_token& token);

 private:
  /// A session and the instant at which to tell it.
  struct Due {
    Time when;
    std::weak_ptr<Session> session;

    bool operator>(const Due& other) const { return when > other.when; }
  };

  [[nodiscard]] Time random_instant(Pace pace, Time now);
  void tell_due(std::unique_lock<std::mutex>& lock);
  Outcome cut_rest(std::unique_lock<std::mutex>& lock);
  void remove(Members::iterator place);

  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  Members members_;
  std::priority_queue<Due, std::vector<Due>, std::greater<>> due_;
  bool draining_ = false;
  Duration idle_grace_{};
  Time spread_until_{};
  Time last_end_{};  ///< by which sessions are to end by themselves
  std::size_t told_ = 0;
  std::minstd_rand random_;
};

}  // namespace lastcall::beast
