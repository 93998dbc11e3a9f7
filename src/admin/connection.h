// Connection: one client of the admin listener: reads one request, writes one response, lingers, is gone.
// Closing at once instead would reset a client whose bytes are still unread, and with them the response (RFC
// 9112 §9.6). Owned by the server; control thread only.
#pragma once

#include <string>

#include "admin/pages.h"
#include "base/time.h"
#include "net/loop.h"

namespace lastcall::admin {

class Connection final : public net::Handler {
 public:
  class Owner {
   public:
    virtual ~Owner() = default;
    [[nodiscard]] virtual Response answer_to(const Request& request) = 0;
    /// It is over; the owner retires it.
    virtual void over(Connection& connection) = 0;
  };

  static constexpr std::size_t kMaxHead = 8 * 1024;

  Connection(net::Loop& loop, sys::UniqueFd fd, Owner& owner, Time deadline);

  void on_events(std::uint32_t events) override;

  /// Leaves the loop. No event reaches it any more, not even one of the present batch.
  void leave();

  /// It waits for an answer that comes at the end: its deadline is none.
  [[nodiscard]] bool held() const { return state_ == State::held; }

  /// The answer that it was held for.
  void release(const Response& response) { respond(response, false); }

  [[nodiscard]] Time deadline() const { return deadline_; }

 private:
  enum class State : std::uint8_t { reading, held, writing, lingering, left };

  void read();
  void respond(const Response& response, bool head);
  void write();
  void linger();
  void discard();
  void await(std::uint32_t events);

  net::Loop& loop_;
  sys::UniqueFd fd_;
  Owner& owner_;
  const Time deadline_;
  State state_ = State::reading;
  std::uint32_t awaited_ = 0;
  std::string input_;
  std::string output_;
  std::size_t written_ = 0;
};

}  // namespace lastcall::admin
