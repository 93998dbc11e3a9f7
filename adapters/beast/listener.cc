#include "lastcall/beast/listener.h"

#include <tuple>
#include <utility>

#include <boost/asio/strand.hpp>

#include "net/accept_thread.h"

namespace lastcall::beast {
namespace {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;

Result<sys::Address> resolve(const ListenerOptions& options) {
  const bool bare_ipv6 = options.address.find(':') != std::string::npos && options.address.front() != '[';
  const std::string host = bare_ipv6 ? "[" + options.address + "]" : options.address;
  return sys::parse_address(host + ":" + std::to_string(options.port));
}

}  // namespace

Result<Listener> Listener::open(asio::any_io_executor executor, const ListenerOptions& options,
                                OnAccept on_accept) {
  const auto address = resolve(options);
  if (!address) {
    return Failure(address.error());
  }
  auto listener = net::AcceptThread::listen(*address);
  if (!listener) {
    return Failure(listener.error());
  }
  const std::uint16_t port = sys::local_address(listener->get()).port;
  const tcp protocol = address->family == sys::Address::Family::ipv6 ? tcp::v6() : tcp::v4();
  auto adopt = [executor = std::move(executor), protocol,
                on_accept = std::move(on_accept)](sys::UniqueFd fd) {
    tcp::socket socket(asio::make_strand(executor));
    boost::system::error_code error;
    std::ignore = socket.assign(protocol, fd.get(), error);
    if (!error) {
      static_cast<void>(fd.release());
      on_accept(std::move(socket));
    }
  };
  return Listener(std::make_unique<net::AcceptThread>(std::move(*listener), std::move(adopt)), port);
}

Listener::Listener(std::unique_ptr<net::AcceptThread> thread, std::uint16_t port)
    : thread_(std::move(thread)), port_(port) {}

Listener::Listener(Listener&&) noexcept = default;
Listener& Listener::operator=(Listener&&) noexcept = default;
Listener::~Listener() = default;

void Listener::pause() {
  thread_->pause();
}

void Listener::resume() {
  thread_->resume();
}

void Listener::close(const StepContext& step) {
  thread_->close(step.token());
}

}  // namespace lastcall::beast
