// The load of the benchmarks: some connections that ask for the same thing again and again, at so little cost
// that the proxy is the bottleneck. Closed loop: each asks again once it is answered. Open loop (--rate):
// each request is due at an instant that no slow answer moves, and its latency counts from there (no
// coordinated omission). One thread; prints one line of JSON.
#include <algorithm>
#include <charconv>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/core.h>

#include "base/assert.h"
#include "browser_fields.h"
#include "http/body.h"
#include "http/head.h"
#include "net/bytes.h"
#include "net/loop.h"
#include "net/stream.h"
#include "sys/sys.h"

using namespace lastcall;

namespace {

constexpr std::size_t kReadBuffer = 256U << 10U;
constexpr Duration kPatience = 5s;  // after the last request was due

struct Options {
  std::string target;
  unsigned connections = 32;
  double seconds = 1;
  double rate = 0;
  std::size_t upload = 0;
  bool reconnect = false;
  bool browser = false;
};

std::string request_for(const Options& options) {
  std::string request = options.upload > 0 ? "POST" : "GET";
  request += " / HTTP/1.1\r\nHost: bench.test\r\n";
  if (options.reconnect) {
    request += "Connection: close\r\n";
  }
  if (options.browser) {
    request += bench::kBrowserFields;
  }
  if (options.upload > 0) {
    request += fmt::format("Content-Length: {}\r\n", options.upload);
  }
  return request + "\r\n" + std::string(options.upload, 'x');
}

class Load;

/// One connection after the other, with one request at a time.
class Client final : public net::Handler {
 public:
  explicit Client(Load& load) : load_(load) {}

  void ask(Time due);
  void on_events(std::uint32_t events) override;

 private:
  [[nodiscard]] bool connect();
  void take(std::string_view in);
  void take_head(std::string_view in);
  void answered();

  Load& load_;
  std::optional<net::Stream> stream_;
  net::Bytes partial_head_;
  std::uint64_t body_left_ = 0;
  Time due_{};
  bool asking_ = false;
  bool keep_ = false;
};

class Load {
 public:
  Load(const Options& options, sys::Address target);

  void run();
  void print() const;

  void answered(Client& client, Time due);
  void failed(std::string why);

  [[nodiscard]] net::Loop& loop() { return loop_; }

  [[nodiscard]] const sys::Address& target() const { return target_; }

  [[nodiscard]] std::string_view request() const { return request_; }

  /// A whole response, as it last came in one piece: the same bytes need not be parsed again.
  [[nodiscard]] std::string_view usual_response() const { return usual_response_; }

  void set_usual_response(std::string_view bytes) { usual_response_ = bytes; }

  [[nodiscard]] std::span<char> buffer() { return buffer_; }

  [[nodiscard]] bool reconnect() const { return options_.reconnect; }

 private:
  Time ask_what_is_due(Time now);

  const Options options_;
  const sys::Address target_;
  const std::string request_;
  std::string usual_response_;
  const std::size_t planned_;  ///< requests of an open loop; 0 = closed
  net::Loop loop_;
  std::vector<char> buffer_ = std::vector<char>(kReadBuffer);
  std::vector<std::unique_ptr<Client>> clients_;
  std::vector<Client*> idle_;
  std::vector<Duration> latencies_;
  std::size_t asked_ = 0;
  std::size_t failed_ = 0;
  std::string why_;  ///< of the first failure
  Time begun_{};
  Time ends_{};
};

// ---- A client

bool Client::connect() {
  sys::UniqueFd fd(sys::connect_to(load_.target()));
  if (!fd) {
    return false;
  }
  stream_.emplace(std::move(fd), false);
  return stream_->watch(load_.loop(), *this);
}

void Client::ask(Time due) {
  due_ = due;
  asking_ = true;
  const bool connected = stream_ || connect();
  if (!connected || !stream_->write(load_.request())) {
    load_.failed("cannot connect or send");
  }
}

void Client::on_events(std::uint32_t events) {
  stream_->note(events);
  const bool flushes = (events & sys::kWritable) != 0 && stream_->unsent() > 0;
  if (flushes && !stream_->flush()) {
    load_.failed("cannot send");
    return;
  }
  while (stream_ && stream_->readable()) {
    const ssize_t got = stream_->read(load_.buffer());
    if (got == -EAGAIN) {
      return;
    }
    if (got <= 0 || !asking_) {
      load_.failed(asking_ ? fmt::format("the connection ended with {} while an answer was awaited", got)
                           : "the server ended an idle connection or sent more than it was asked for");
      return;
    }
    take({load_.buffer().data(), static_cast<std::size_t>(got)});
  }
}

void Client::take(std::string_view in) {
  if (body_left_ == 0) {
    const bool known = keep_ && partial_head_.empty() && in == load_.usual_response();
    if (known) {
      answered();
      return;
    }
    take_head(in);
    return;
  }
  body_left_ -= std::min<std::uint64_t>(body_left_, in.size());
  if (body_left_ == 0) {
    answered();
  }
}

void Client::take_head(std::string_view in) {
  partial_head_.append(in);
  const std::string_view all = partial_head_.view();
  http::ResponseHead head;
  http::Refusal refusal;
  const http::Parsed parsed = http::parse_response(all, {}, false, head, refusal);
  if (parsed == http::Parsed::incomplete) {
    return;
  }
  const bool chunked = head.framing == http::Framing::chunked;
  const bool good = parsed == http::Parsed::complete && head.status == 200 &&
                    (chunked || head.framing == http::Framing::length);
  if (!good) {
    load_.failed(parsed == http::Parsed::refused
                     ? std::string(refusal.why)
                     : fmt::format("status {}, or a body without length", head.status));
    return;
  }
  if (chunked && !all.ends_with(http::kLastChunk)) {
    return;
  }
  const std::uint64_t length = chunked ? all.size() - head.size : head.content_length;
  keep_ = head.keep_alive && !load_.reconnect();
  if (keep_ && all.size() == head.size + length) {
    load_.set_usual_response(all);
  }
  body_left_ = length - std::min(length, all.size() - head.size);
  partial_head_.clear();
  if (body_left_ == 0) {
    answered();
  }
}

void Client::answered() {
  asking_ = false;
  if (!keep_) {
    stream_.reset();
  }
  load_.answered(*this, due_);
}

// ---- All of them

Load::Load(const Options& options, sys::Address target)
    : options_(options),
      target_(std::move(target)),
      request_(request_for(options)),
      planned_(static_cast<std::size_t>(options.rate * options.seconds)) {
  latencies_.reserve(static_cast<std::size_t>(options.seconds * 200'000) + planned_);
  for (unsigned i = 0; i < options.connections; ++i) {
    clients_.push_back(std::make_unique<Client>(*this));
    idle_.push_back(clients_.back().get());
  }
}

void Load::run() {
  begun_ = sys::now();
  ends_ = begun_ + std::chrono::duration_cast<Duration>(std::chrono::duration<double>(options_.seconds));
  loop_.on_batch([this](Time now) { return ask_what_is_due(now); });
  loop_.run();
}

// Closed loop: every idle client asks at once, and its time runs from its own turn: what the others cost us
// before is no wait for the server. Open loop: what is due is asked by whoever is idle, late if nobody is.
Time Load::ask_what_is_due(Time now) {
  Time next = ends_;
  while (!idle_.empty() && (planned_ == 0 ? now < ends_ : asked_ < planned_)) {
    Time due = sys::now();
    if (planned_ > 0) {
      due =
          begun_ + (ends_ - begun_) / static_cast<std::int64_t>(planned_) * static_cast<std::int64_t>(asked_);
      if (due > now) {
        next = due;
        break;
      }
    }
    Client& client = *idle_.back();
    idle_.pop_back();
    ++asked_;
    client.ask(due);
  }
  const bool all_answered = now >= ends_ && idle_.size() == clients_.size();
  if (all_answered) {
    loop_.stop();
  } else if (now > ends_ + kPatience) {
    failed(fmt::format("{} answers never came", clients_.size() - idle_.size()));
  }
  return now < ends_ ? next : ends_ + kPatience;
}

void Load::answered(Client& client, Time due) {
  latencies_.push_back(sys::now() - due);
  idle_.push_back(&client);
}

// A benchmark with a failure proves nothing: it ends at once.
void Load::failed(std::string why) {
  if (failed_++ == 0) {
    why_ = std::move(why);
  }
  ends_ = begun_;
  loop_.stop();
}

void Load::print() const {
  std::vector<Duration> sorted = latencies_;
  std::sort(sorted.begin(), sorted.end());
  const auto percentile = [&](double share) {
    if (sorted.empty()) {
      return 0.0;
    }
    const auto at = static_cast<std::size_t>(share * static_cast<double>(sorted.size() - 1));
    return to_milliseconds(sorted[at]) * 1000;
  };
  fmt::print(
      R"({{"requests": {}, "failed": {}, "why": "{}", "seconds": {:.6f}, "p50_us": {:.0f}, "p99_us": {:.0f}}})",
      sorted.size(), failed_, why_, to_seconds(sys::now() - begun_), percentile(0.5), percentile(0.99));
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  CLI::App app("Load for one address; prints requests, failures, seconds and latencies as JSON.");
  app.add_option("target", options.target, "HOST:PORT or unix:PATH")->required();
  app.add_option("--connections", options.connections)->check(CLI::Range(1, 10'000));
  app.add_option("--seconds", options.seconds)->check(CLI::Range(0.01, 3600.0));
  app.add_option("--rate", options.rate, "Requests a second in all; 0: as many as are answered");
  app.add_option("--upload", options.upload, "Bytes of the request's body");
  app.add_flag("--browser", options.browser, "Heads of the size that browsers send");
  app.add_flag("--reconnect", options.reconnect, "A new connection for each request");
  CLI11_PARSE(app, argc, argv);

  const auto target = sys::parse_address(options.target);
  if (!target) {
    fmt::print(stderr, "bench_generator: {}\n", target.error().what);
    return target.error().exit_status;
  }
  Load load(options, *target);
  load.run();
  load.print();
  return 0;
}
