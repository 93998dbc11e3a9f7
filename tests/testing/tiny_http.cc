// tiny_http: the smallest HTTP/1.1 server that is of use as an upstream or as a target: one thread,
// keep-alive, "200 ok" to everything. On SIGTERM it closes its listener, as most servers do (--close plain)
// or without a reset
// (--close lossless), answers what still comes, and ends. It understands neither bodies nor mistakes.
#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "net/listener_close.h"
#include "net/loop.h"
#include "net/syn_pressure.h"
#include "sys/sys.h"

namespace lastcall {
namespace {

constexpr int kBacklog = 65535;
constexpr std::size_t kMaxPending = 65536;

struct Settings {
  sys::Address listen{.family = sys::Address::Family::ipv4, .ip = {127, 0, 0, 1}};
  bool lossless = false;
  Duration idle_grace = 100ms;  ///< after SIGTERM: how long nothing must arrive before it ends
};

int stop_signal = -1;  // a wake-up descriptor, written to by the signal handler

class Server;

class Connection final : public net::Handler {
 public:
  Connection(Server& server, sys::UniqueFd fd) : server_(server), fd_(std::move(fd)) {}

  [[nodiscard]] int fd() const { return fd_.get(); }

  void on_events(std::uint32_t events) override;

 private:
  [[nodiscard]] bool serve();
  [[nodiscard]] bool answer_requests();

  Server& server_;
  sys::UniqueFd fd_;
  std::string pending_;
  bool ended_ = false;  ///< the last answer was sent; whatever comes now is discarded until the client closes
};

class Server final : public net::Handler {
 public:
  explicit Server(const Settings& settings) : settings_(settings) {}

  [[nodiscard]] int run();

  void on_events(std::uint32_t) override;

  void adopt(sys::UniqueFd fd);
  void drop(Connection& connection);

  void saw_request() { last_request_ = loop_.now(); }

  [[nodiscard]] bool stopping() const { return stopping_; }

 private:
  class StopSignal;

  void stop();
  void close_plainly();
  Time tick(Time now);

  Settings settings_;
  net::Loop loop_;
  sys::UniqueFd listener_;
  net::SynPressure pressure_;
  std::optional<net::ListenerClose> closing_;
  std::map<int, std::unique_ptr<Connection>> connections_;
  Time last_request_;
  bool stopping_ = false;
};

void Connection::on_events(std::uint32_t) {
  if (!serve()) {
    server_.drop(*this);
  }
}

// Whether the connection lives on.
bool Connection::serve() {
  char buffer[16384];
  const ssize_t got = sys::receive(fd(), buffer);
  if (got == -EAGAIN) {
    return true;
  }
  if (got <= 0) {
    return false;
  }
  server_.saw_request();
  if (ended_) {
    return true;
  }
  pending_.append(buffer, static_cast<std::size_t>(got));
  return answer_requests() && pending_.size() <= kMaxPending;
}

bool Connection::answer_requests() {
  constexpr std::string_view kEnd = "\r\n\r\n";
  std::string answers;
  for (std::size_t end = pending_.find(kEnd); end != std::string::npos && !ended_;
       end = pending_.find(kEnd)) {
    const std::string_view head = std::string_view(pending_).substr(0, end);
    ended_ = server_.stopping() || head.find("Connection: close") != std::string_view::npos;
    answers += "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n";
    answers += ended_ ? "Connection: close\r\n\r\nok" : "\r\nok";
    pending_.erase(0, end + kEnd.size());
  }
  if (!answers.empty() && sys::send(fd(), answers, false) != static_cast<ssize_t>(answers.size())) {
    return false;
  }
  if (ended_) {
    sys::shutdown_write(fd());
  }
  return true;
}

class Server::StopSignal final : public net::Handler {
 public:
  explicit StopSignal(Server& server) : server_(server) {
    stop_signal = fd_.get();
    server.loop_.watch(fd_.get(), sys::kReadable, *this);
    std::signal(SIGTERM, [](int) { sys::wake(stop_signal); });
  }

  void on_events(std::uint32_t) override {
    sys::wake_drain(fd_.get());
    server_.stop();
  }

 private:
  Server& server_;
  sys::UniqueFd fd_{sys::wake_create()};
};

int Server::run() {
  listener_.reset(sys::listen_on(settings_.listen, kBacklog));
  if (!listener_) {
    std::fprintf(stderr, "tiny_http: cannot listen on %s\n", settings_.listen.text().c_str());
    return 1;
  }
  const StopSignal stop_signal_handler(*this);
  pressure_.sample(sys::syn_queue_overflows(), sys::now());
  loop_.watch(listener_.get(), sys::kReadable, *this);
  loop_.on_batch([this](Time now) { return tick(now); });
  std::printf("listening on %s\n", sys::local_address(listener_.get()).text().c_str());
  std::fflush(stdout);
  loop_.run();
  return 0;
}

void Server::on_events(std::uint32_t) {
  constexpr int kBatch = 16;
  for (int i = 0; i < kBatch; ++i) {
    const int fd = sys::accept(listener_.get(), nullptr);
    if (fd < 0) {
      return;
    }
    adopt(sys::UniqueFd(fd));
  }
}

void Server::adopt(sys::UniqueFd fd) {
  const int key = fd.get();
  auto connection = std::make_unique<Connection>(*this, std::move(fd));
  loop_.watch(key, sys::kReadable, *connection);
  connections_.insert_or_assign(key, std::move(connection));
}

void Server::drop(Connection& connection) {
  const auto it = connections_.find(connection.fd());
  loop_.unwatch(it->first);
  loop_.retire(std::move(it->second));
  connections_.erase(it);
}

void Server::stop() {
  if (std::exchange(stopping_, true)) {
    return;
  }
  last_request_ = loop_.now();
  if (!settings_.lossless) {
    close_plainly();
    return;
  }
  pressure_.sample(sys::syn_queue_overflows(), loop_.now());
  closing_.emplace(listener_.get(),
                   net::ListenerClose::Options{.overflowed_lately = pressure_.seen_lately(loop_.now()),
                                               .ifindex_works = net::ListenerClose::self_test()},
                   loop_.now());
}

void Server::close_plainly() {
  std::printf("closed plain handshakes=%d\n", sys::handshakes_in_flight(listener_.get()));
  loop_.unwatch(listener_.get());
  listener_.reset();
}

// Goes on with the close, and ends once there is nothing left to wait for.
Time Server::tick(Time now) {
  if (!stopping_) {
    return Time::max();
  }
  if (listener_) {
    if (const std::optional<Time> next = closing_->step(now)) {
      return *next;
    }
    loop_.unwatch(listener_.get());
    closing_->finish(std::move(listener_),
                     [this](sys::UniqueFd fd, const sys::Address&) { adopt(std::move(fd)); });
    std::printf("closed %s handshakes=%d left=%d\n", std::string(to_string(closing_->method())).c_str(),
                closing_->found(), closing_->left());
    last_request_ = now;
  }
  if (connections_.empty() || now >= last_request_ + settings_.idle_grace) {
    loop_.stop();
  }
  return last_request_ + settings_.idle_grace;
}

int usage() {
  std::fputs(
      "usage: tiny_http [--listen ADDR] [--close plain|lossless] [--idle-grace MS]\n"
      "Without --listen it listens on 127.0.0.1:$PORT.\n",
      stderr);
  return 2;
}

bool parse(int argc, char** argv, Settings& settings) {
  std::string listen = std::string("127.0.0.1:") + (std::getenv("PORT") ? std::getenv("PORT") : "0");
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string_view flag = argv[i];
    const std::string_view value = argv[i + 1];
    if (flag == "--listen") {
      listen = value;
    } else if (flag == "--close") {
      settings.lossless = value == "lossless";
    } else if (flag == "--idle-grace") {
      settings.idle_grace = std::chrono::milliseconds(std::atoi(argv[i + 1]));
    } else {
      return false;
    }
  }
  const Result<sys::Address> address = sys::parse_address(listen);
  if (address) {
    settings.listen = *address;
  }
  return address && argc % 2 == 1;
}

}  // namespace
}  // namespace lastcall

int main(int argc, char** argv) {
  lastcall::Settings settings;
  return lastcall::parse(argc, argv, settings) ? lastcall::Server(settings).run() : lastcall::usage();
}
