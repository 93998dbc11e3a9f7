#include "lingering.h"

#include <algorithm>
#include <array>
#include <memory>
#include <tuple>
#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include "base/time.h"
#include "socket_calls.h"

namespace lastcall::beast {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

constexpr Duration kIdle = 2s;
constexpr Duration kUnused = 200ms;
constexpr Duration kTotal = 5s;

class Lingering final : public Session, public std::enable_shared_from_this<Lingering> {
 public:
  Lingering(asio::ip::tcp::socket socket, LingeringClose& all, Sent sent)
      : all_(all),
        socket_(std::move(socket)),
        timer_(socket_.get_executor()),
        unused_(sent == Sent::nothing),
        patience_(unused_ ? kUnused : kIdle),
        end_(std::chrono::steady_clock::now() + kTotal) {}

  void start() {
    entry_ = all_.registry.add(weak_from_this(), Pace::together);
    error_code error;
    std::ignore = socket_.shutdown(asio::ip::tcp::socket::shutdown_send, error);
    if (!error) {
      read();
    }
  }

  void begin_drain(const DrainTime&) override {}

  void cut() override {
    asio::post(socket_.get_executor(), [self = shared_from_this()] { self->close(); });
  }

 private:
  void read() {
    timer_.expires_at(std::min(std::chrono::steady_clock::now() + patience_, end_));
    timer_.async_wait([weak = weak_from_this()](error_code error) {
      const auto self = weak.lock();
      if (self && !error) {
        self->close();
      }
    });
    socket_.async_read_some(asio::buffer(discarded_),
                            [self = shared_from_this()](error_code error, std::size_t) {
                              error ? self->close() : self->discard();
                            });
  }

  void discard() {
    if (std::exchange(unused_, false)) {
      ++all_.lost_race;
    }
    read();
  }

  void close() {
    close_quietly(socket_);
    timer_.cancel();
    entry_.release();
  }

  LingeringClose& all_;
  asio::ip::tcp::socket socket_;
  asio::steady_timer timer_;
  bool unused_;  ///< nothing has come since our half-close of an idle connection
  const Duration patience_;
  const std::chrono::steady_clock::time_point end_;
  SessionRegistry::Entry entry_;
  std::array<char, 4096> discarded_;
};

}  // namespace

void linger(asio::ip::tcp::socket socket, LingeringClose& all, Sent sent) {
  std::make_shared<Lingering>(std::move(socket), all, sent)->start();
}

}  // namespace lastcall::beast
