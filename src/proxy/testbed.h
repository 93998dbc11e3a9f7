// The proxy between scripted clients and a scripted app, for its tests: real sockets on loopback, ports
// chosen by the kernel. Every wait is for bytes or for a state; a deadline stands behind each only as a
// failure bound. The test's thread plays both ends; the proxy runs on its own threads.
#pragma once

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>

#include <gtest/gtest.h>

#include "proxy/proxy.h"

namespace lastcall::proxy {

inline constexpr Duration kPatience = 10s;

inline bool wait_until(int fd, std::uint32_t events, Duration patience = kPatience) {
  const sys::UniqueFd poller(sys::poller_create());
  sys::poller_add(poller.get(), fd, events, nullptr);
  sys::ReadyEvent event[1];
  return sys::poller_wait(poller.get(), event, patience) == 1;
}

struct Response {
  std::string head{};
  std::string body{};     ///< as it came: chunks are not decoded
  bool complete = false;  ///< it ended where it said it would

  [[nodiscard]] int status() const { return head.size() < 12 ? 0 : std::atoi(head.c_str() + 9); }

  [[nodiscard]] bool has(std::string_view field) const { return head.find(field) != std::string::npos; }

  [[nodiscard]] bool closes() const { return has("Connection: close\r\n"); }
};

/// One end of a connection.
class Peer {
 public:
  enum class End { open, closed, reset };

  Peer() = default;

  explicit Peer(int fd) : fd_(fd) { EXPECT_GE(fd, 0); }

  static Peer connect_to(const sys::Address& address) {
    Peer peer(sys::connect_to(address));
    EXPECT_TRUE(wait_until(peer.fd_.get(), sys::kWritable));
    return peer;
  }

  void send(std::string_view bytes) { EXPECT_EQ(send_within(bytes, kPatience), bytes.size()); }

  /// How many bytes could be sent before the other side took none for `patience`, or was gone.
  std::size_t send_within(std::string_view bytes, Duration patience) {
    std::size_t done = 0;
    while (done < bytes.size()) {
      const ssize_t sent = sys::send(fd_.get(), bytes.substr(done), false);
      const bool gone = sent < 0 && (sent != -EAGAIN || !wait_until(fd_.get(), sys::kWritable, patience));
      if (gone) {
        break;
      }
      done += static_cast<std::size_t>(std::max<ssize_t>(sent, 0));
    }
    return done;
  }

  /// Reads once more. False: nothing more will come.
  bool more() {
    if (end_ != End::open || !wait_until(fd_.get(), sys::kReadable | sys::kPeerClosed)) {
      return false;
    }
    char buffer[1U << 16U];
    const ssize_t got = sys::receive(fd_.get(), buffer);
    if (got > 0) {
      input_.append(buffer, static_cast<std::size_t>(got));
    } else {
      end_ = got == 0 ? End::closed : End::reset;
    }
    return got > 0;
  }

  /// Everything up to and including `mark`; what there is if it never comes.
  std::string read_until(std::string_view mark) {
    std::size_t at = 0;
    while ((at = input_.find(mark)) == std::string::npos && more()) {
    }
    return take(at == std::string::npos ? input_.size() : at + mark.size());
  }

  std::string read(std::size_t count) {
    while (input_.size() < count && more()) {
    }
    return take(std::min(count, input_.size()));
  }

  std::string read_to_end() {
    while (more()) {
    }
    return take(input_.size());
  }

  /// How the other side has ended; reads and drops what comes before.
  End end() {
    read_to_end();
    return end_;
  }

  /// A request or response head.
  std::string head() { return read_until("\r\n\r\n"); }

  /// A response with its body; `to_head`: the answer to a HEAD.
  Response response(bool to_head = false) {
    Response response{.head = head()};
    const int status = response.status();
    if (to_head || status < 200 || status == 204 || status == 304) {
      response.complete = true;
    } else if (const auto at = response.head.find("Content-Length: "); at != std::string::npos) {
      const std::size_t length = std::stoul(response.head.substr(at + 16));
      response.body = read(length);
      response.complete = response.body.size() == length;
    } else if (response.has("Transfer-Encoding: chunked")) {
      response.body = read_until("0\r\n");
      response.body += read_until("\r\n");
      response.complete = response.body.ends_with("0\r\n\r\n");
    } else {
      response.body = read_to_end();
      response.complete = end_ == End::closed;
    }
    return response;
  }

  /// Nothing further comes for a moment, and it is not the end either. Proves little; never fails wrongly.
  [[nodiscard]] bool quiet() { return input_.empty() && !wait_until(fd_.get(), sys::kReadable, 20ms); }

  void finish() { sys::shutdown_write(fd_.get()); }

  void close() { fd_.reset(); }

  void reset() {
    sys::reset_on_close(fd_.get());
    fd_.reset();
  }

 private:
  std::string take(std::size_t count) {
    std::string taken = input_.substr(0, count);
    input_.erase(0, count);
    return taken;
  }

  sys::UniqueFd fd_;
  std::string input_;
  End end_ = End::open;
};

inline sys::Address any_loopback_port() {
  return {.family = sys::Address::Family::ipv4, .ip = {127, 0, 0, 1}};
}

/// The app: accepts, and the test answers for it.
class App {
 public:
  explicit App(const sys::Address& address = any_loopback_port())
      : listener_(sys::listen_on(address, 1024)), address_(sys::local_address(listener_.get())) {}

  [[nodiscard]] const sys::Address& address() const { return address_; }

  Peer accept() {
    EXPECT_TRUE(wait_until(listener_.get(), sys::kReadable)) << "no connection to the app";
    return Peer(sys::accept(listener_.get(), nullptr));
  }

  [[nodiscard]] bool nobody_waits() const { return !wait_until(listener_.get(), sys::kReadable, 20ms); }

  void stop_listening() { listener_.reset(); }

  void listen_again() { listener_.reset(sys::listen_on(address_, 1024)); }

 private:
  sys::UniqueFd listener_;
  sys::Address address_;
};

/// What the proxy told its wrapper.
class Told final : public drain::Drainable::Observer {
 public:
  void redialled() override { note(redials); }

  void listener_closed() override { note(closed); }

  void drained() override { note(drains); }

  void lingered() override { note(lingers); }

  bool wait(const int& count, int wanted = 1) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, kPatience, [&] { return count >= wanted; });
  }

  int get(const int& count) {
    const std::lock_guard lock(mutex_);
    return count;
  }

  int redials = 0;
  int closed = 0;
  int drains = 0;
  int lingers = 0;

 private:
  void note(int& count) {
    const std::lock_guard lock(mutex_);
    ++count;
    changed_.notify_all();
  }

  std::mutex mutex_;
  std::condition_variable changed_;
};

class ProxyTest : public testing::Test {
 protected:
  ~ProxyTest() override { stop(); }

  /// Starts it; `settings` are the test's to change before. `ready`: the app is.
  void start(bool ready = true) {
    settings.upstream = app.address();
    control_ = std::make_unique<net::Loop>();
    sys::UniqueFd listener(sys::listen_on(any_loopback_port(), 1024));
    address = sys::local_address(listener.get());
    proxy_ = std::make_unique<Proxy>(settings, std::move(listener), *control_, logger_);
    control_->on_batch([this](Time now) { return proxy_->tick(now); });
    proxy_->start(told);
    thread_ = std::thread([this] { control_->run(); });
    if (ready) {
      tell(&Proxy::app_ready);
    }
  }

  void stop() {
    if (thread_.joinable()) {
      control_->post([this] { control_->stop(); });
      thread_.join();
    }
    proxy_.reset();
  }

  /// Calls the proxy on its control thread and returns when every shard has heard of it.
  template <class Call>
  void tell(Call call) {
    ask([&](Proxy& proxy) {
      std::invoke(call, proxy);
      static_cast<void>(proxy.in_flight());
      return 0;
    });
  }

  template <class Question>
  auto ask(Question question) {
    std::promise<decltype(question(*proxy_))> answer;
    control_->post([&] { answer.set_value(question(*proxy_)); });
    return answer.get_future().get();
  }

  drain::InFlight in_flight() {
    return ask([](Proxy& proxy) { return proxy.in_flight(); });
  }

  drain::TrafficReport traffic() {
    return ask([](Proxy& proxy) { return proxy.traffic(); });
  }

  /// Until the number of connections in that state is `wanted`.
  bool wait_for(std::uint64_t drain::InFlight::* kind, std::uint64_t wanted) {
    return wait_for([&] { return in_flight().*kind == wanted; });
  }

  static bool wait_for(const std::function<bool()>& condition) {
    const Time end = sys::now() + kPatience;
    while (!condition()) {
      if (sys::now() > end) {
        return false;
      }
    }
    return true;
  }

  Peer client() { return Peer::connect_to(address); }

  std::string log() {
    const std::lock_guard lock(log_mutex_);
    return log_;
  }

  /// One exchange from end to end, over the app's connection `app_side`.
  static Response exchange(Peer& client_side, Peer& app_side, std::string_view request = kGet) {
    client_side.send(request);
    app_side.head();
    app_side.send(kOk);
    return client_side.response();
  }

  static constexpr std::string_view kGet = "GET /a?secret=1 HTTP/1.1\r\nHost: a\r\n\r\n";
  static constexpr std::string_view kOk = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi";

  Settings settings;
  App app;
  Told told;
  sys::Address address;

 private:
  std::mutex log_mutex_;
  std::string log_;
  log::Logger logger_{log::Level::info, log::Format::text,
                      [this](std::string_view line) {
                        const std::lock_guard lock(log_mutex_);
                        log_ += line;
                      },
                      [] { return 0; }};
  std::unique_ptr<net::Loop> control_;
  std::unique_ptr<Proxy> proxy_;
  std::thread thread_;
};

}  // namespace lastcall::proxy
