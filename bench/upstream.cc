// The app behind the proxies: answers every request with 200 and the same body, at so little cost that the
// proxy is the bottleneck; a request for /held is answered after --hold, and not a wake-up later. At SIGTERM
// it exits at once and leaves in --stamps when it wrote its last answer and when the signal came
// (CLOCK_MONOTONIC, nanoseconds). One thread.
#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <ctime>
#include <fcntl.h>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unistd.h>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/core.h>

#include "base/units.h"
#include "net/bytes.h"
#include "net/loop.h"
#include "net/stream.h"
#include "net/timeouts.h"
#include "sys/sys.h"

using namespace lastcall;

namespace {

constexpr std::string_view kHeadEnd = "\r\n\r\n";
constexpr Duration kAwake = 200us;

/// What a web framework adds to an answer.
constexpr std::string_view kFrameworkFields =
    "X-Frame-Options: SAMEORIGIN\r\n"
    "X-Content-Type-Options: nosniff\r\n"
    "Referrer-Policy: strict-origin-when-cross-origin\r\n"
    "Vary: Accept\r\n"
    "Content-Type: text/html; charset=utf-8\r\n"
    "Cache-Control: max-age=0, private, must-revalidate\r\n";

struct Stamps {
  std::int64_t answered_ns = 0;
  std::int64_t signalled_ns = 0;
};

// For the signal handler.
Stamps stamps;
int stamps_fd = -1;

void on_sigterm(int) {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  stamps.signalled_ns = now.tv_sec * 1'000'000'000 + now.tv_nsec;
  [[maybe_unused]] const ssize_t written = write(stamps_fd, &stamps, sizeof stamps);
  _exit(0);
}

struct Options {
  std::string listen;
  std::size_t body = 120;
  std::size_t upload = 0;
  bool upgrade = false;
  bool chunked = false;
  std::string hold = "1s";
  std::string stamps;
};

class App;

class Connection final : public net::Handler, public net::TimeoutNode {
 public:
  Connection(App& app, sys::UniqueFd fd) : app_(app), stream_(std::move(fd), true) {}

  void pump();
  void answer();
  void on_events(std::uint32_t events) override;

  std::size_t slot = 0;

 private:
  void take(std::string_view in);
  void take_upload(std::string_view body);

  App& app_;
  net::Stream stream_;
  net::Bytes partial_head_;
  std::size_t upload_left_ = 0;
};

class App final : public net::Handler {
 public:
  App(int listener, const Options& options, Duration hold);

  void run() { loop_.run(); }

  void on_events(std::uint32_t) override;
  void close(Connection& connection);

  [[nodiscard]] net::Loop& loop() { return loop_; }

  [[nodiscard]] net::TimeoutQueue& held() { return held_; }

  [[nodiscard]] std::span<char> buffer() { return buffer_; }

  [[nodiscard]] std::string_view response() const { return response_; }

  /// Bytes of the body of each POST.
  [[nodiscard]] std::size_t upload() const { return upload_; }

 private:
  const int listener_;
  const std::size_t upload_;
  const std::string response_;
  net::Loop loop_;
  net::TimeoutQueue held_;
  std::vector<char> buffer_ = std::vector<char>(64U << 10U);
  std::vector<std::unique_ptr<Connection>> connections_;
};

// ---- A connection

void Connection::on_events(std::uint32_t events) {
  stream_.note(events);
  const bool flushes = (events & sys::kWritable) != 0 && stream_.unsent() > 0;
  if (flushes && !stream_.flush()) {
    app_.close(*this);
    return;
  }
  pump();
}

void Connection::pump() {
  while (stream_.readable()) {
    const ssize_t got = stream_.read(app_.buffer());
    if (got == -EAGAIN) {
      break;
    }
    if (got <= 0) {
      app_.close(*this);
      return;
    }
    take({app_.buffer().data(), static_cast<std::size_t>(got)});
  }
  if (!stream_.watch(app_.loop(), *this)) {
    app_.close(*this);
  }
}

void Connection::take(std::string_view in) {
  if (upload_left_ > 0) {
    take_upload(in);
    return;
  }
  const bool whole = partial_head_.empty() && in.ends_with(kHeadEnd);
  if (!whole) {
    partial_head_.append(in);
  }
  const std::string_view head = whole ? in : partial_head_.view();
  const std::size_t end = whole ? head.size() - kHeadEnd.size() : head.find(kHeadEnd);
  if (end == std::string_view::npos) {
    return;
  }
  const bool holds = head.starts_with("GET /held ");
  const std::string_view body = head.substr(end + kHeadEnd.size());
  upload_left_ = head.starts_with("POST ") ? app_.upload() : 0;
  if (upload_left_ > 0) {
    take_upload(body);
  } else if (holds) {
    app_.held().start(*this, app_.loop().now());
  } else {
    answer();
  }
  partial_head_.clear();
}

void Connection::take_upload(std::string_view body) {
  upload_left_ -= std::min(upload_left_, body.size());
  if (upload_left_ == 0) {
    answer();
  }
}

void Connection::answer() {
  cancel();
  if (stream_.write(app_.response())) {
    stamps.answered_ns = sys::now().time_since_epoch().count();
  }
}

// ---- The app

std::string response_for(const Options& options) {
  if (options.upgrade) {
    return "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
           "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";
  }
  const std::string body(options.body, 'x');
  if (options.chunked) {
    return fmt::format("HTTP/1.1 200 OK\r\n{}Transfer-Encoding: chunked\r\n\r\n{:x}\r\n{}\r\n0\r\n\r\n",
                       kFrameworkFields, options.body, body);
  }
  return fmt::format("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: {}\r\n\r\n{}",
                     options.body, body);
}

App::App(int listener, const Options& options, Duration hold)
    : listener_(listener), upload_(options.upload), response_(response_for(options)), held_(hold) {
  loop_.watch(listener_, sys::kReadable, *this);
  loop_.on_batch([this](Time now) {
    while (net::TimeoutNode* node = held_.expired(now)) {
      static_cast<Connection*>(node)->answer();
    }
    // A timer wakes a sleeper some 50 us late: what is due so soon is waited for awake.
    const Time due = held_.next();
    return due == Time::max() ? due : std::max(now, due - kAwake);
  });
}

void App::on_events(std::uint32_t) {
  sys::UniqueFd fd(sys::accept(listener_, nullptr));
  if (!fd) {
    return;
  }
  connections_.push_back(std::make_unique<Connection>(*this, std::move(fd)));
  connections_.back()->slot = connections_.size() - 1;
  connections_.back()->pump();
}

void App::close(Connection& connection) {
  const std::size_t slot = connection.slot;
  std::swap(connections_[slot], connections_.back());
  connections_[slot]->slot = slot;
  loop_.retire(std::move(connections_.back()));
  connections_.pop_back();
}

std::optional<Options> parse(int argc, char** argv, int& status) {
  Options options;
  CLI::App app("The app behind the proxies.");
  app.add_option("--listen", options.listen, "HOST:PORT or unix:PATH")->required();
  app.add_option("--body", options.body, "Bytes of the response's body");
  app.add_option("--upload", options.upload, "Bytes of the body of each POST");
  app.add_flag("--upgrade", options.upgrade,
               "Answers every request with 101, as the key of RFC 6455 §1.3 wants it");
  app.add_flag("--chunked", options.chunked, "Answers with a chunked body, under a web framework's head");
  app.add_option("--hold", options.hold, "How long a request for /held waits for its answer");
  app.add_option("--stamps", options.stamps, "Where two 64-bit instants are left at SIGTERM");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    status = app.exit(error);
    return {};
  }
  return options;
}

}  // namespace

int main(int argc, char** argv) {
  int status = 0;
  const auto options = parse(argc, argv, status);
  if (!options) {
    return status;
  }
  const auto address = sys::parse_address(options->listen);
  const auto hold = parse_duration(options->hold);
  if (!address || !hold) {
    fmt::print(stderr, "bench_upstream: {}\n", (!address ? address.error() : hold.error()).what);
    return 2;
  }
  const int listener = sys::listen_on(*address, 4096);
  if (listener < 0) {
    fmt::print(stderr, "bench_upstream: cannot listen on {}\n", options->listen);
    return 1;
  }
  if (!options->stamps.empty()) {
    stamps_fd = open(options->stamps.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  }
  std::signal(SIGTERM, on_sigterm);
  App(listener, *options, *hold).run();
  return 0;
}
