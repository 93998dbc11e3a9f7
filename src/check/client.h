// Client: one client of the load: makes one attempt at a time on one connection and reports what it saw. It
// decides nothing about when: Load does. One thread, the loop's.
#pragma once

#include <string>

#include "base/time.h"
#include "check/scenario.h"
#include "http/body.h"
#include "http/head.h"
#include "judge/observation.h"
#include "net/loop.h"

namespace lastcall::check {

class Client final : public net::Handler {
 public:
  class Owner {
   public:
    virtual ~Owner() = default;
    /// The attempt is over; the client is free. Called at most once for each begin(); it must not begin
    /// another at once.
    virtual void attempt_ended(Client& client, const judge::Observation& seen) = 0;
    /// A kept-alive connection was reset while nothing was asked on it; the client stays free.
    virtual void connection_reset(Client& client, int error) = 0;
    /// Call wake() at `when` and no more at `before`. Time::max(): never.
    virtual void wake_changed(Client& client, Time before, Time when) = 0;
  };

  /// All references outlive the client; `scratch` has kScratch bytes and is shared by all clients of the
  /// thread.
  Client(const Scenario& scenario, std::uint32_t flow, net::Loop& loop, Owner& owner, char* scratch);
  ~Client() override;
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  static constexpr std::size_t kReceive = 64 * 1024;
  static constexpr std::size_t kScratch =
      kReceive + kReceive + http::Body::kRoom;  ///< received, then decoded

  /// Begins an attempt that should have begun at `intended`. Only while free.
  void begin(Time intended);

  void wake(Time now);
  void on_events(std::uint32_t events) override;

  /// Ends a rest: an idle or silent client closes its connection and reports that all was well.
  void leave();

  [[nodiscard]] std::uint32_t flow() const { return seen_.flow; }

  [[nodiscard]] bool busy() const { return stage_ != Stage::away && stage_ != Stage::between; }

  /// Keeps a connection that nobody owes anything on.
  [[nodiscard]] bool resting() const { return stage_ == Stage::resting; }

 private:
  enum class Stage : std::uint8_t {
    away,        ///< not connected
    connecting,  ///< connect() is under way
    exchanging,  ///< request going out, response coming in
    resting,     ///< an idle or silent client's connection
    between,     ///< kept alive, no attempt under way
  };

  void connect();
  void connect_ended();
  void start_exchange(Time now);
  void release_piece(Time now);
  void send_request();
  void receive_response();
  bool receive_once();
  void digest_head(std::string_view bytes);
  void digest_body(std::string_view bytes);
  void response_complete();
  void response_ended();
  void watch_rest();
  void watch_between();
  void end(judge::Outcome outcome);
  void close();
  void schedule();

  [[nodiscard]] const Pace& pace() const;

  const Scenario& scenario_;
  const Flow& flow_;
  net::Loop& loop_;
  Owner& owner_;
  char* scratch_;
  const std::string request_head_;
  const std::uint64_t request_bytes_;

  sys::UniqueFd fd_;
  Stage stage_ = Stage::away;
  judge::Observation seen_;
  std::uint64_t send_allowed_ = 0;     ///< of the request, by the pace so far
  std::uint64_t receive_allowed_ = 0;  ///< of the response, by the pace so far
  Time next_piece_ = Time::max();
  Time deadline_ = Time::max();
  Time wake_ = Time::max();  ///< what the owner was told

  std::string head_;  ///< bytes of a response head not yet complete
  bool head_complete_ = false;
  bool keep_alive_ = false;  ///< the server's word
  http::Body body_;
  std::uint64_t body_bytes_ = 0;
};

}  // namespace lastcall::check
