// Client: one client of the load, on one connection at a time: the part that is the same for every kind:
// dialling, deadlines, ends. What is sent and how the answer is read is each kind's own (http_client.h,
// websocket_client.h, stream_client.h). It decides nothing about when: Load does. One thread, the loop's.
#pragma once

#include <memory>
#include <random>
#include <span>

#include "base/time.h"
#include "check/connection.h"
#include "check/request_script.h"
#include "check/scenario.h"
#include "judge/observation.h"
#include "net/loop.h"
#include "net/timeouts.h"

namespace lastcall::check {

class Client : public net::Handler, public net::TimeoutNode {
 public:
  class Owner {
   public:
    virtual ~Owner() = default;
    virtual void observed(const judge::Observation& seen) = 0;
    virtual void departed(const judge::Departure& seen) = 0;
    /// The attempt has become one that rests until the server ends it.
    virtual void rests(Client& client) = 0;
    /// The attempt is over and has been observed; the client is free. It must not begin another at once.
    /// `rested`: rests() was called for it.
    virtual void attempt_ended(Client& client, judge::Outcome outcome, bool rested) = 0;
    /// Call wake() at client.wake_at(), if that is still the same then.
    virtual void wake_changed(Client& client) = 0;
  };

  /// What all clients of a flow share; it outlives them.
  struct Setting {
    const Scenario& scenario;
    std::uint32_t flow;
    net::Loop& loop;
    Owner& owner;
    net::TimeoutQueue& timeouts;  ///< of Flow::timeout; its owner calls time_out()
    std::mt19937_64& random;
    std::span<char> scratch;  ///< kScratch bytes, whose content nobody keeps
  };

  static constexpr std::size_t kReceive = 64 * 1024;
  static constexpr std::size_t kScratch = 2 * kReceive + 16 * 1024;  ///< received, then decoded

  ~Client() override = default;
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  /// Begins an attempt that should have begun at `intended`. Only while free.
  void begin(Time intended);

  void on_events(std::uint32_t events) final;
  virtual void wake(Time now) = 0;
  virtual void time_out();

  /// Lets a connection go that nobody owes anything on; a client that rests reports that all was well.
  virtual void leave();

  /// When it wants to be woken, or to begin again: Load sets it while the client is free.
  [[nodiscard]] Time wake_at() const { return wake_at_; }

  void set_wake_at(Time when) { wake_at_ = when; }

  [[nodiscard]] std::uint32_t flow() const { return setting_.flow; }

  [[nodiscard]] bool busy() const { return stage_ != Stage::away && stage_ != Stage::between; }

  [[nodiscard]] bool resting() const { return stage_ == Stage::resting; }

 protected:
  enum class Stage : std::uint8_t {
    away,        ///< not connected
    connecting,  ///< connect() is under way
    exchanging,  ///< request going out, response coming in
    resting,     ///< answered, or never to ask: ends when the server ends it
    between,     ///< kept alive, no attempt under way
  };

  explicit Client(const Setting& setting);

  /// The connection stands and the attempt goes on.
  virtual void connected(Time now) = 0;
  /// Something may be read or written: exchanging, resting or between.
  virtual void ready() = 0;
  /// Bytes have come; they lie in the scratch.
  virtual void digest(std::string_view bytes) = 0;
  /// The connection has ended, in good order if `error` is 0.
  virtual void connection_ended(int error) = 0;

  /// Sends what the script allows. A failure says nothing yet: the server may have answered before it closed,
  /// so what is received decides.
  void send_requests();
  /// Receives at most `room` bytes and hands them on. False: nothing more waits.
  bool receive_once(std::size_t room = kReceive);
  void note_answer();
  void rest();
  void wake_me(Time when);
  /// Closes the connection, unless it is `kept`, reports, and is free.
  void end(judge::Outcome outcome, bool kept = false);
  void close();

  [[nodiscard]] Duration draw(const Range& range);

  [[nodiscard]] const Flow& plan() const { return plan_; }

  [[nodiscard]] const Setting& setting() const { return setting_; }

  /// Where bytes are received, and where a chunked body is decoded.
  [[nodiscard]] std::span<char> received() const { return setting_.scratch.first(kReceive); }

  [[nodiscard]] std::span<char> decoded() const { return setting_.scratch.subspan(kReceive); }

  RequestScript script_;
  Connection connection_;
  Time connected_at_{};
  Stage stage_ = Stage::away;
  judge::Observation seen_;

 private:
  void dial();
  void dialled();

  const Setting setting_;
  const Flow& plan_;
  Time wake_at_ = Time::max();
};

/// A client of the flow's kind.
[[nodiscard]] std::unique_ptr<Client> make_client(const Client::Setting& setting);

}  // namespace lastcall::check
