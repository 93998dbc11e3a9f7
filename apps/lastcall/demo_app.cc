#include "demo_app.h"

#include <algorithm>
#include <csignal>
#include <cstring>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "http/head.h"
#include "net/accept_error.h"
#include "net/loop.h"
#include "net/timeouts.h"
#include "sys/sys.h"

namespace lastcall {
namespace {

constexpr int kBacklog = 1024;
constexpr int kAcceptsAtOnce = 16;
constexpr std::size_t kMaxUnread = 65'536;
constexpr Duration kUsual = 2ms;
constexpr Duration kSlow = 1s;
constexpr Duration kShutdownTakes = 3s;
constexpr std::string_view kBody = "hello from the app\n";

/// Timed while its answer is on the way, idle otherwise.
class Client final : public net::Handler, public net::TimeoutNode {
 public:
  /// What the app does with it: begin an answer, or end the connection.
  using Call = std::function<void(Client&)>;

  Client(sys::UniqueFd fd, const Call& begin, const Call& end)
      : fd_(std::move(fd)), begin_(begin), end_(end) {}

  [[nodiscard]] int fd() const { return fd_.get(); }

  [[nodiscard]] bool busy() const { return busy_; }

  /// The present request is one that takes its time.
  [[nodiscard]] bool slow() const { return slow_; }

  void on_events(std::uint32_t) override {
    if (!ended_ && !receive()) {
      end_(*this);
    }
  }

  /// Nothing is done from now on, whatever events still stand in the batch.
  void leave() {
    ended_ = true;
    cancel();
  }

  /// `last`: the connection ends with it.
  void answer(bool last) {
    busy_ = false;
    if (!send(last || last_) || !next_request()) {
      end_(*this);
    }
  }

 private:
  bool receive() {
    char buffer[4096];
    const ssize_t got = sys::receive(fd(), buffer);
    if (got == -EAGAIN) {
      return true;
    }
    if (got <= 0 || unread_.size() > kMaxUnread) {
      return false;
    }
    unread_.append(buffer, static_cast<std::size_t>(got));
    return busy_ || next_request();
  }

  bool next_request() {
    http::RequestHead head;
    http::Refusal refusal;
    const http::Parsed parsed = http::parse_request(unread_, {}, head, refusal);
    if (parsed != http::Parsed::complete) {
      return parsed == http::Parsed::incomplete;
    }
    last_ = !head.keep_alive || head.framing != http::Framing::none;
    slow_ = head.path == kDemoSlowPath;
    unread_.erase(0, head.size);
    busy_ = true;
    begin_(*this);
    return true;
  }

  /// Whether the connection lives on.
  bool send(bool last) {
    std::string answer = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: ";
    answer += std::to_string(kBody.size()) + (last ? "\r\nConnection: close\r\n\r\n" : "\r\n\r\n");
    answer += kBody;
    return sys::send(fd(), answer, false) == static_cast<ssize_t>(answer.size()) && !last;
  }

  sys::UniqueFd fd_;
  const Call& begin_;
  const Call& end_;
  std::string unread_;
  bool busy_ = false;
  bool slow_ = false;
  bool ended_ = false;
  bool last_ = false;  ///< the client wants no more than the present answer
};

/// Calls a function when its descriptor is readable.
class Readable final : public net::Handler {
 public:
  explicit Readable(std::function<void()> call) : call_(std::move(call)) {}

  void on_events(std::uint32_t) override { call_(); }

 private:
  std::function<void()> call_;
};

class App {
 public:
  Result<void> run(const sys::Address& listen);

 private:
  void accept();
  void read_signals();
  void stop();
  void end(Client& client);
  Time tick(Time now);

  net::Loop loop_;
  sys::UniqueFd listener_;
  sys::UniqueFd signals_;
  net::TimeoutQueue usual_{kUsual};
  net::TimeoutQueue slow_{kSlow};
  Client::Call begin_ = [this](Client& client) {
    (client.slow() ? slow_ : usual_).start(client, loop_.now());
  };
  Client::Call end_ = [this](Client& client) { end(client); };
  std::map<int, std::unique_ptr<Client>> clients_;
  std::optional<Time> stopped_at_;
  std::optional<Error> failed_;
};

Result<void> App::run(const sys::Address& listen) {
  sys::raise_file_limit();
  const int listening = sys::listen_on(listen, kBacklog);
  if (listening < 0) {
    return failure("the demo's app cannot listen on " + listen.text() + ": " + std::strerror(-listening),
                   "name a free port in PORT", 1);
  }
  listener_.reset(listening);
  signals_.reset(sys::signal_fd_create());
  Readable connections([this] { accept(); });
  Readable signals([this] { read_signals(); });
  loop_.watch(listener_.get(), sys::kReadable, connections);
  loop_.watch(signals_.get(), sys::kReadable, signals);
  loop_.on_batch([this](Time now) { return tick(now); });
  loop_.run();
  if (failed_) {
    return tl::unexpected(*failed_);
  }
  return {};
}

void App::accept() {
  for (int i = 0; i < kAcceptsAtOnce; ++i) {
    const int fd = sys::accept(listener_.get(), nullptr);
    if (fd < 0) {
      if (net::classify_accept_error(fd) == net::AcceptError::out_of_resources) {
        failed_ = Error{.what = "the demo's app cannot take connections: " + std::string(std::strerror(-fd)),
                        .fix = "allow it more open files: ulimit -n",
                        .exit_status = 1};
        loop_.stop();
      }
      return;
    }
    auto client = std::make_unique<Client>(sys::UniqueFd(fd), begin_, end_);
    loop_.watch(fd, sys::kReadable, *client);
    clients_.insert_or_assign(fd, std::move(client));
  }
}

void App::read_signals() {
  while (const auto signal = sys::next_signal(signals_.get())) {
    if (!stopped_at_ && (signal->number == SIGTERM || signal->number == SIGINT)) {
      stop();
    }
  }
}

void App::stop() {
  stopped_at_ = loop_.now();
  loop_.unwatch(listener_.get());
  listener_.reset();
  for (auto next = clients_.begin(); next != clients_.end();) {
    Client& client = *(next++)->second;
    if (!client.busy()) {
      end(client);
    }
  }
}

void App::end(Client& client) {
  const auto found = clients_.find(client.fd());
  client.leave();
  loop_.unwatch(client.fd());
  loop_.retire(std::move(found->second));
  clients_.erase(found);
}

Time App::tick(Time now) {
  for (net::TimeoutQueue* queue : {&usual_, &slow_}) {
    while (net::TimeoutNode* due = queue->expired(now)) {
      due->cancel();
      static_cast<Client*>(due)->answer(stopped_at_.has_value());
    }
  }
  const Time next_answer = std::min(usual_.next(), slow_.next());
  if (!stopped_at_) {
    return next_answer;
  }
  const Time end = *stopped_at_ + kShutdownTakes;
  if (now < end) {
    return std::min(next_answer, end);
  }
  if (next_answer == Time::max()) {
    loop_.stop();
  }
  return next_answer;
}

}  // namespace

Result<void> serve_demo_app(const sys::Address& listen) {
  return App().run(listen);
}

}  // namespace lastcall
