#include "sim/app.h"

#include <algorithm>
#include <csignal>
#include <utility>

namespace lastcall::sim {

/// One connection from the proxy. Its timers hold it weakly: it may be gone before they fire.
class App::Connection final : public std::enable_shared_from_this<Connection> {
 public:
  Connection(App& app, std::shared_ptr<Endpoint> end) : app_(app), end_(std::move(end)) {}

  void start() {
    end_->on_change([self = weak_from_this()] {
      if (const auto connection = self.lock()) {
        connection->go_on();
      }
    });
    go_on();
  }

  void close() {
    closed_ = true;
    under_way_ = false;
    if (socket_ != nullptr) {
      socket_->leave();
      return;
    }
    end_->on_change([] {});
    end_->close();
  }

  [[nodiscard]] bool is_closed() const { return closed_ || (socket_ != nullptr && socket_->is_over()); }

  [[nodiscard]] bool under_way() const {
    const bool tunnel = socket_ != nullptr && !socket_->is_over();
    return (under_way_ || tunnel) && !end_->peer()->ended_writing();
  }

 private:
  struct Head {
    std::size_t size;
    std::size_t body = 0;
    std::optional<std::uint32_t> number{};  ///< of a request
    std::optional<std::size_t> tunnel{};    ///< … or of a tunnel; neither: a probe
  };

  void go_on();
  void read();
  void take_request();
  [[nodiscard]] std::optional<Head> read_head() const;
  void skip_body();
  void upgrade(std::size_t tunnel);
  void answer_probe();
  void begin(std::uint32_t number);
  void answer();
  void answer_piece();
  void flush();
  void response_written();
  void rest();
  [[nodiscard]] std::string response_head() const;

  [[nodiscard]] const RequestPlan& plan() const { return app_.scenario_.requests[number_]; }

  void later(Duration delay, void (Connection::*what)()) {
    app_.kernel_.timeline().after(delay, [self = weak_from_this(), what] {
      const auto connection = self.lock();
      if (connection != nullptr && !connection->closed_) {
        ((*connection).*what)();
      }
    });
  }

  App& app_;
  std::shared_ptr<Endpoint> end_;
  std::shared_ptr<WebSocket> socket_;  ///< once upgraded it has the connection
  std::string input_;
  std::size_t unread_body_ = 0;
  std::string output_;
  std::string body_;       ///< of the response, what is still to be written
  std::size_t piece_ = 0;  ///< so much of it at once
  Duration pause_{};       ///< between pieces
  std::uint32_t number_ = 0;
  bool under_way_ = false;
  bool written_ = false;  ///< all of the response stands in output_ or is gone
  bool closed_ = false;
  std::uint64_t rests_ = 0;  ///< how often it has been idle: a later use makes the timer void
};

void App::Connection::go_on() {
  if (closed_) {
    return;
  }
  if (end_->reset_arrived()) {
    close();
    return;
  }
  flush();
  read();
  if (!closed_ && socket_ == nullptr && end_->at_end()) {
    close();
  }
}

void App::Connection::read() {
  while (auto segment = end_->take_segment()) {
    input_ += segment->bytes;
  }
  if (!under_way_ && !closed_) {
    take_request();
  }
}

/// Of a request that is answered before its body has come.
void App::Connection::skip_body() {
  const std::size_t skipped = std::min(unread_body_, input_.size());
  input_.erase(0, skipped);
  unread_body_ -= skipped;
}

void App::Connection::take_request() {
  skip_body();
  const std::optional<Head> head = unread_body_ == 0 ? read_head() : std::nullopt;
  if (!head) {
    return;
  }
  if (head->number && app_.scenario_.requests[*head->number].early) {
    unread_body_ = head->body;
    input_.erase(0, head->size);
    skip_body();
    begin(*head->number);
    return;
  }
  if (input_.size() < head->size + head->body) {
    return;
  }
  if (head->tunnel) {
    input_.erase(0, head->size);
    upgrade(*head->tunnel);
    return;
  }
  const std::string body = input_.substr(head->size, head->body);
  input_.erase(0, head->size + head->body);
  if (!head->number) {
    answer_probe();
    return;
  }
  const bool whole = body == request_body(*head->number, app_.scenario_.requests[*head->number].body);
  app_.wrong_bodies_ += whole ? 0 : 1;
  begin(*head->number);
}

std::optional<App::Connection::Head> App::Connection::read_head() const {
  const std::size_t end = input_.find("\r\n\r\n");
  if (end == std::string::npos) {
    return std::nullopt;
  }
  Head head{.size = end + 4};
  if (const std::size_t at = input_.find("Content-Length: "); at < end) {
    head.body = std::stoul(input_.substr(at + 16));
  }
  if (const std::size_t at = input_.find("/r/"); at < end) {
    head.number = static_cast<std::uint32_t>(std::stoul(input_.substr(at + 3)));
  }
  if (const std::size_t at = input_.find("/ws/"); at < end) {
    head.tunnel = std::stoul(input_.substr(at + 4));
  }
  return head;
}

void App::Connection::upgrade(std::size_t tunnel) {
  app_.kernel_.trace("app: upgrades tunnel {}", tunnel);
  output_ += "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";
  flush();
  ++rests_;
  app_.tunnels_[tunnel] = {};
  socket_ = std::make_shared<WebSocket>(app_.kernel_, end_, WebSocket::Role::app, tunnel,
                                        app_.scenario_.tunnels[tunnel].app, app_.tunnels_[tunnel]);
  socket_->start({std::exchange(input_, {}), app_.kernel_.now()});
}

void App::Connection::answer_probe() {
  output_ += "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
  flush();
  ++rests_;
  rest();
  take_request();
}

void App::Connection::begin(std::uint32_t number) {
  number_ = number;
  under_way_ = true;
  written_ = false;
  ++app_.begun_[number];
  app_.kernel_.trace("app: begins request {}", number);
  later(plan().thinks, &Connection::answer);
}

std::string App::Connection::response_head() const {
  std::string head = "HTTP/1.1 200 OK\r\n";
  if (plan().framing == RequestPlan::Framing::length) {
    head += fmt::format("Content-Length: {}\r\n", plan().size);
  } else if (plan().framing == RequestPlan::Framing::chunked) {
    head += "Transfer-Encoding: chunked\r\n";
  }
  if (plan().app_closes || app_.stopping_) {
    head += "Connection: close\r\n";
  } else if (app_.scenario_.app.advertises) {
    head += fmt::format("Keep-Alive: timeout={}\r\n", app_.scenario_.app.idle_timeout / 1s);
  }
  return head + "\r\n";
}

void App::Connection::answer() {
  if (plan().answer == RequestPlan::Answer::none) {
    close();
    return;
  }
  if (plan().answer == RequestPlan::Answer::malformed) {
    output_ = "HTTP/1.1 OK 200\r\n\r\n";
    flush();
    close();
    return;
  }
  app_.answered_[number_] = app_.kernel_.now();
  output_ += response_head();
  body_ = response_body(number_, plan().size);
  constexpr std::size_t kPieces = 5;
  piece_ =
      plan().streams == Duration::zero() ? body_.size() : std::max<std::size_t>(body_.size() / kPieces, 1);
  pause_ = plan().streams / (body_.size() / std::max<std::size_t>(piece_, 1) + 1);
  answer_piece();
}

void App::Connection::answer_piece() {
  const std::string piece = body_.substr(0, piece_);
  body_.erase(0, piece.size());
  const bool chunked = plan().framing == RequestPlan::Framing::chunked;
  if (!piece.empty()) {
    output_ += chunked ? fmt::format("{:x}\r\n{}\r\n", piece.size(), piece) : piece;
  }
  if (plan().answer == RequestPlan::Answer::broken_off && body_.size() * 2 <= plan().size) {
    output_.resize(output_.size() / 2);
    flush();
    close();
    return;
  }
  if (!body_.empty()) {
    flush();
    later(pause_, &Connection::answer_piece);
    return;
  }
  output_ += chunked ? "0\r\n\r\n" : "";
  written_ = true;
  flush();
}

void App::Connection::flush() {
  while (!output_.empty()) {
    const ssize_t sent = end_->send(output_);
    if (sent <= 0) {
      return;
    }
    output_.erase(0, static_cast<std::size_t>(sent));
  }
  if (written_) {
    response_written();
  }
}

void App::Connection::response_written() {
  written_ = false;
  under_way_ = false;
  app_.finished_[number_] = true;
  app_.kernel_.trace("app: has answered request {}", number_);
  if (plan().app_closes || app_.stopping_ || plan().framing == RequestPlan::Framing::until_close) {
    close();
    return;
  }
  ++rests_;
  rest();
  take_request();
}

void App::Connection::rest() {
  app_.kernel_.timeline().after(app_.scenario_.app.idle_timeout, [self = weak_from_this(), rests = rests_] {
    const auto connection = self.lock();
    const bool idle = connection != nullptr && !connection->under_way_ && connection->input_.empty();
    if (idle && connection->rests_ == rests && !connection->closed_) {
      connection->close();
    }
  });
}

App::App(Kernel& kernel, const Scenario& scenario, sys::Address address)
    : kernel_(kernel),
      scenario_(scenario),
      address_(std::move(address)),
      begun_(scenario.requests.size(), 0),
      answered_(scenario.requests.size()),
      finished_(scenario.requests.size()),
      tunnels_(scenario.tunnels.size()) {}

App::~App() {
  died();
}

void App::started() {
  if (!scenario_.app.never_listens) {
    kernel_.timeline().after(scenario_.app.listens_after, [this] { listen(); });
  }
}

void App::listen() {
  if (!kernel_.processes().app_runs()) {
    return;
  }
  kernel_.trace("app: listens");
  listener_ = kernel_.network().listen(address_, 128);
  listener_->on_change([this] { accept_all(); });
}

void App::accept_all() {
  std::erase_if(connections_, [](const auto& connection) { return connection->is_closed(); });
  while (std::shared_ptr<Endpoint> end = listener_->accept()) {
    connections_.push_back(std::make_shared<Connection>(*this, std::move(end)));
    connections_.back()->start();
  }
}

void App::signalled(int signal) {
  const bool stops = signal == SIGTERM || signal == SIGINT || signal == SIGQUIT;
  kernel_.trace("app: gets signal {}", signal);
  if (!stops || std::exchange(stopping_, true)) {
    return;
  }
  under_way_at_signal_ = static_cast<int>(
      std::ranges::count_if(connections_, &Connection::under_way, &std::shared_ptr<Connection>::operator*));
  const AppPlan& plan = scenario_.app;
  if (plan.on_signal == AppPlan::OnSignal::dies) {
    kernel_.processes().app_exits({true, signal});
  } else if (plan.on_signal == AppPlan::OnSignal::exits) {
    kernel_.timeline().after(plan.stop_takes,
                             [this, &plan] { kernel_.processes().app_exits({false, plan.status}); });
  }
}

void App::died() {
  kernel_.trace("app: is gone");
  if (listener_ != nullptr) {
    listener_->on_change([] {});
    listener_->close();
  }
  for (const auto& connection : connections_) {
    connection->close();
  }
}

}  // namespace lastcall::sim
