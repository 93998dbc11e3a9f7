#include "lastcall/beast/http_server.h"

#include <algorithm>
#include <cstdio>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/beast/websocket/rfc6455.hpp>

#include "event_session.h"
#include "http_session.h"
#include "lastcall/beast/listener.h"
#include "server_core.h"

namespace lastcall::beast {
namespace {

namespace asio = boost::asio;

constexpr std::string_view kLivePath = "/health/live";
constexpr std::string_view kReadyPaths[] = {"/health/ready", "/api/health"};

std::string_view path_of(std::string_view target) {
  return target.substr(0, target.find('?'));
}

void answer_health(Responder responder, const HealthAnswer& health) {
  http::response<http::string_body> response(static_cast<http::status>(health.http_status), 11,
                                             health.to_json());
  response.set(http::field::content_type, "application/json");
  response.set(http::field::cache_control, "no-store");
  responder.send(std::move(response));
}

}  // namespace

// ServerCore

ServerCore::ServerCore(Coordinator& the_coordinator, HttpServerOptions the_options,
                       HttpServer::Handler the_handler)
    : coordinator(the_coordinator),
      options(std::move(the_options)),
      handler(std::move(the_handler)),
      scope(coordinator.scope(options.name)) {}

void ServerCore::session_over() {
  if (paused.exchange(false)) {
    resume();
  }
}

bool ServerCore::is_probe(std::string_view target) const {
  const std::string_view path = path_of(target);
  return options.health &&
         (path == kLivePath || std::ranges::find(kReadyPaths, path) != std::end(kReadyPaths));
}

void ServerCore::answer_probe(std::string_view target, Responder responder) {
  if (path_of(target) == kLivePath) {
    answer_health(std::move(responder), coordinator.health().live());
    return;
  }
  auto owned = std::make_shared<Responder>(std::move(responder));  // a std::function must be copyable
  post_probe([this, owned] { answer_health(std::move(*owned), coordinator.health().ready()); });
}

void ServerCore::keep_as_cut(Permit permit) {
  if (!permit) {
    return;
  }
  const std::lock_guard lock(cut_mutex);
  cut_permits.push_back(std::move(permit));
}

void ServerCore::tell_exception(std::string_view where, const std::exception* exception) const {
  std::string line = "lastcall: " + options.name + ": ";
  line.append(where)
      .append(" threw: ")
      .append(exception != nullptr ? exception->what() : "no std::exception");
  line += '\n';
  const auto& log = coordinator.options().log;
  log ? log(line) : static_cast<void>(std::fputs(line.c_str(), stderr));
}

// Responder

Responder::Responder(std::weak_ptr<HttpSession> session, asio::any_io_executor executor, Permit permit)
    : session_(std::move(session)), executor_(std::move(executor)), permit_(std::move(permit)) {}

Responder::~Responder() {
  if (session_.lock()) {
    send(http::status::internal_server_error, "no answer\n");
  }
}

void Responder::answer(std::unique_ptr<Answer> answer) {
  if (const auto session = std::exchange(session_, {}).lock()) {
    session->answer(std::move(answer), std::move(permit_));
  }
}

void Responder::send(http::status status, std::string body, std::string_view content_type) {
  http::response<http::string_body> response(status, 11, std::move(body));
  response.set(http::field::content_type, content_type);
  send(std::move(response));
}

void Responder::refuse() {
  http::response<http::string_body> response(http::status::service_unavailable, 11, "shutting down\n");
  response.set(http::field::content_type, "text/plain; charset=utf-8");
  response.set(http::field::retry_after, "1");
  response.keep_alive(false);
  send(std::move(response));
}

EventStream Responder::stream_events() {
  const auto session = std::exchange(session_, {}).lock();
  if (!session) {
    return EventStream({});
  }
  auto stream = session->make_stream();
  EventStream handle(stream);
  session->stream(std::move(stream), std::move(permit_));
  return handle;
}

void Responder::upgrade(Request request, WebSocketHandler handler) {
  if (!boost::beast::websocket::is_upgrade(request)) {
    send(http::status::upgrade_required, "a WebSocket is expected here\n");
  } else if (const auto session = std::exchange(session_, {}).lock()) {
    session->upgrade(std::move(request), std::move(handler));
    permit_.release();
  }
}

// HttpServer

/// The parts, in the order in which each needs the ones before it.
class HttpServer::Running {
 public:
  Running(Coordinator& coordinator, HttpServerOptions options, Handler handler)
      : core_(coordinator, std::move(options), std::move(handler)) {}

  ~Running() {
    io_.stop();
    probes_.stop();
    for (std::thread& thread : threads_) {
      thread.join();
    }
    // A session that ends resumes a listener that is paused: those that run have ended, the rest end with
    // io_.
    core_.resume = [] {};
    listener_.reset();
  }

  Result<void> start() {
    auto listener = Listener::open(io_.get_executor(), {core_.options.address, core_.options.port},
                                   [this](asio::ip::tcp::socket socket) { welcome(std::move(socket)); });
    if (!listener) {
      return Failure(listener.error());
    }
    listener_.emplace(std::move(*listener));
    if (auto added = add_steps(); !added) {
      return added;
    }
    core_.resume = [this] { listener_->resume(); };
    core_.post_probe = [this](std::function<void()> probe) { asio::post(probes_, std::move(probe)); };
    for (unsigned i = 0; i < std::max(core_.options.threads, 1U); ++i) {
      threads_.emplace_back([this] { io_.run(); });
    }
    threads_.emplace_back([this] { probes_.run(); });
    return {};
  }

  [[nodiscard]] std::uint16_t port() const { return listener_->port(); }

  [[nodiscard]] std::size_t connections() const { return core_.sessions.size(); }

 private:
  void welcome(asio::ip::tcp::socket socket) {
    std::make_shared<HttpSession>(core_, std::move(socket))->start();
    if (is_full()) {
      asio::post(io_, [this] { pause(); });
    }
  }

  [[nodiscard]] bool is_full() const { return core_.sessions.size() >= core_.options.max_connections; }

  void pause() {
    listener_->pause();
    core_.paused = true;
    // The last session may have ended before it could see that somebody waits for it.
    if (!is_full()) {
      core_.session_over();
    }
  }

  void await_lingering(const StepContext& step) {
    core_.lingering.registry.wait(step.token());
    if (core_.lingering.lost_race > 0) {
      step.note("requests that came too late on connections that had been idle: " +
                std::to_string(core_.lingering.lost_race));
    }
  }

  Result<void> add_steps() {
    const std::string& name = core_.options.name;
    // Among the last, because nothing depends on it: whoever we have half-closed only has to say that he is
    // done.
    auto lingering =
        core_.coordinator.add_step({.name = name + " lingering", .stage = Stage::logs, .courtesy = true},
                                   [this](const StepContext& step) { await_lingering(step); });
    if (!lingering) {
      return lingering;
    }
    return core_.coordinator.add_server(
        {.name = name,
         .close_listener = [this](const StepContext& step) { listener_->close(step); },
         .drain =
             [this](const StepContext& step) {
               core_.sessions.drain(step, core_.coordinator.options().idle_grace);
             }});
  }

  ServerCore core_;
  asio::io_context io_;
  asio::io_context probes_{1};
  asio::executor_work_guard<asio::io_context::executor_type> io_work_{io_.get_executor()};
  asio::executor_work_guard<asio::io_context::executor_type> probes_work_{probes_.get_executor()};
  std::vector<std::thread> threads_;
  std::optional<Listener> listener_;
};

Result<HttpServer> HttpServer::create(Coordinator& coordinator, HttpServerOptions options, Handler handler) {
  auto running = std::make_unique<Running>(coordinator, std::move(options), std::move(handler));
  if (auto started = running->start(); !started) {
    return Failure(started.error());
  }
  return HttpServer(std::move(running));
}

HttpServer::HttpServer(std::unique_ptr<Running> running) : running_(std::move(running)) {}

HttpServer::HttpServer(HttpServer&&) noexcept = default;
HttpServer& HttpServer::operator=(HttpServer&&) noexcept = default;
HttpServer::~HttpServer() = default;

std::uint16_t HttpServer::port() const {
  return running_->port();
}

std::size_t HttpServer::connections() const {
  return running_->connections();
}

}  // namespace lastcall::beast
