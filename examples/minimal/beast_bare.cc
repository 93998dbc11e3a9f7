// A small HTTP app on Boost.Beast that stops as Beast's own examples do: a signal stops the io_context.
#include <chrono>
#include <cstdlib>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::tcp;

namespace {

class Session : public std::enable_shared_from_this<Session> {
 public:
  explicit Session(tcp::socket socket) : stream_(std::move(socket)), timer_(stream_.get_executor()) {}

  void read() {
    request_ = {};
    stream_.expires_after(std::chrono::seconds(30));
    http::async_read(stream_, buffer_, request_,
                     [self = shared_from_this()](beast::error_code error, std::size_t) {
                       if (error) {
                         self->close();
                       } else {
                         self->handle();
                       }
                     });
  }

 private:
  void handle() {
    if (request_.target() != "/slow") {
      answer("hello\n");
      return;
    }
    timer_.expires_after(std::chrono::seconds(1));
    timer_.async_wait([self = shared_from_this()](beast::error_code) { self->answer("hello at last\n"); });
  }

  void answer(const char* body) {
    response_.emplace(http::status::ok, request_.version(), body);
    response_->set(http::field::content_type, "text/plain");
    response_->keep_alive(request_.keep_alive());
    response_->prepare_payload();
    http::async_write(stream_, *response_, [self = shared_from_this()](beast::error_code error, std::size_t) {
      if (error || !self->response_->keep_alive()) {
        self->close();
      } else {
        self->read();
      }
    });
  }

  void close() {
    beast::error_code ignored;
    stream_.socket().shutdown(tcp::socket::shutdown_send, ignored);
  }

  beast::tcp_stream stream_;
  asio::steady_timer timer_;
  beast::flat_buffer buffer_;
  http::request<http::string_body> request_;
  std::optional<http::response<http::string_body>> response_;
};

void accept(asio::io_context& io, tcp::acceptor& acceptor) {
  acceptor.async_accept(asio::make_strand(io), [&](beast::error_code error, tcp::socket socket) {
    if (!error) {
      std::make_shared<Session>(std::move(socket))->read();
    }
    accept(io, acceptor);
  });
}

}  // namespace

int main() {
  const char* port = std::getenv("PORT");
  asio::io_context io;
  tcp::acceptor acceptor(io, {asio::ip::address_v4::loopback(),
                              static_cast<std::uint16_t>(std::atoi(port != nullptr ? port : "8080"))});
  accept(io, acceptor);
  asio::signal_set signals(io, SIGINT, SIGTERM);
  signals.async_wait([&](beast::error_code, int) { io.stop(); });
  std::thread second([&] { io.run(); });
  io.run();
  second.join();
  return EXIT_SUCCESS;
}
